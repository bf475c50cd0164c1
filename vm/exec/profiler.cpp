#include "vm/exec/profiler.hpp"

#include <algorithm>
#include <ostream>

namespace zkvm::vm {

namespace {
constexpr uint32_t NO_NODE = UINT32_MAX;
constexpr bool is_link_register(uint8_t reg) { return reg == 1 || reg == 5; }
}  // namespace

Profiler::Profiler(const Program& program) : program_(program) {
  nodes_.push_back({NO_NODE, function_at(program.entry), 0});
  frames_.push_back({0, 0, RAM_END});
}

uint32_t Profiler::function_at(uint32_t pc) const {
  const Symbol* symbol = program_.find_symbol(pc);
  return static_cast<uint32_t>(symbol == nullptr ? program_.symbols.size()
                                                 : static_cast<size_t>(symbol - program_.symbols.data()));
}

std::string Profiler::function_name(uint32_t function) const {
  const size_t functions = program_.symbols.size();
  std::string name = function < functions    ? program_.symbols[function].name
                     : function == functions ? "[unknown]"
                                             : precompile_names_[function - functions - 1];
  std::replace(name.begin(), name.end(), ';', ':');  // separates frames in the collapsed format
  return name;
}

uint32_t Profiler::child(uint32_t parent, uint32_t function) {
  if (parent != NO_NODE && nodes_[parent].depth >= MAX_DEPTH) return parent;
  const auto [at, inserted] = children_.try_emplace({parent, function}, static_cast<uint32_t>(nodes_.size()));
  if (inserted) nodes_.push_back({parent, function, parent == NO_NODE ? 0 : nodes_[parent].depth + 1});
  return at->second;
}

void Profiler::call(const JumpEvent& event) {
  if (frames_.size() >= MAX_FRAMES) return;
  frames_.push_back({child(frames_.back().node, function_at(event.target)), event.pc + 4, event.stack_pointer});
}

bool Profiler::try_return(const JumpEvent& event) {
  for (size_t i = frames_.size(); i-- > 1;) {
    if (frames_[i].return_address == event.target) {
      frames_.resize(i);
      return true;
    }
  }
  return false;
}

void Profiler::jump(const JumpEvent& event) {
  finish(event.cost);
  if (is_link_register(event.link) && event.link != event.source) return call(event);
  if (is_link_register(event.source) && !is_link_register(event.link)) {
    if (try_return(event)) return;
    // Somewhere that nobody called from (a context switch, a hand-made return address): frames entered with a lower
    // stack pointer than the present one are gone.
    while (frames_.size() > 1 && frames_.back().stack_pointer < event.stack_pointer) frames_.pop_back();
  } else if (is_link_register(event.link)) {
    // jalr ra, ra: returns and calls at once (or an ordinary call through ra).
    return call(event);
  }
  Frame& frame = frames_.back();
  const uint32_t function = function_at(event.target);
  const Node& node = nodes_[frame.node];
  if (node.function != function) {
    if (try_return(event)) return;  // longjmp through another register
    frame.node = node.parent == NO_NODE ? child(frame.node, function) : child(node.parent, function);
  }
}

void Profiler::precompile(const std::string& name, const Cost& own, const Cost& cost) {
  finish(cost - own);
  const auto [at, inserted] =
      precompiles_.try_emplace(name, static_cast<uint32_t>(program_.symbols.size() + 1 + precompile_names_.size()));
  if (inserted) precompile_names_.push_back(name);
  nodes_[child(frames_.back().node, at->second)].cost += own;
  attributed_ = cost;
}

void Profiler::finish(const Cost& cost) {
  nodes_[frames_.back().node].cost += cost - attributed_;
  attributed_ = cost;
}

void Profiler::write_collapsed(std::ostream& out, CostUnit unit) const {
  std::map<std::string, uint64_t> lines;
  for (const Node& node : nodes_) {
    if (in(unit, node.cost) == 0) continue;
    std::string path = function_name(node.function);
    for (uint32_t up = node.parent; up != NO_NODE; up = nodes_[up].parent) {
      path.insert(0, function_name(nodes_[up].function) + ";");
    }
    lines[path] += in(unit, node.cost);
  }
  for (const auto& [path, cost] : lines) out << path << ' ' << cost << '\n';
}

std::vector<std::pair<std::string, Cost>> Profiler::functions(CostUnit unit) const {
  std::map<std::string, Cost> totals;
  for (const Node& node : nodes_) {
    if (!node.cost.zero()) totals[function_name(node.function)] += node.cost;
  }
  std::vector<std::pair<std::string, Cost>> out(totals.begin(), totals.end());
  std::stable_sort(out.begin(), out.end(),
                   [unit](const auto& a, const auto& b) { return in(unit, a.second) > in(unit, b.second); });
  return out;
}

}  // namespace zkvm::vm
