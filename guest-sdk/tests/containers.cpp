// The C++ standard library that guests are promised: containers against simple models, strings, algorithms, ranges,
// function objects, smart pointers, numbers to text and back.

#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <bit>
#include <bitset>
#include <charconv>
#include <complex>
#include <deque>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <stack>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "check.hpp"

namespace {

void map_agrees_with_sorted_vector() {
  std::mt19937 random(1);
  std::map<int, int> map;
  std::vector<std::pair<int, int>> model;
  for (int step = 0; step < 3000; ++step) {
    const int key = static_cast<int>(random() % 200);
    const auto at = std::lower_bound(model.begin(), model.end(), std::pair{key, -1});
    const bool present = at != model.end() && at->first == key;
    switch (random() % 3) {
      case 0:
        CHECK(map.insert({key, step}).second == !present);
        if (!present) model.insert(at, {key, step});
        break;
      case 1:
        CHECK(map.erase(key) == (present ? 1u : 0u));
        if (present) model.erase(at);
        break;
      default: CHECK(map.contains(key) == present); break;
    }
    if (step % 100 == 0) {
      CHECK(std::equal(map.begin(), map.end(), model.begin(), model.end(),
                       [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
      CHECK(std::equal(map.rbegin(), map.rend(), model.rbegin(), model.rend(),
                       [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
    }
  }
  while (!map.empty()) map.erase(map.size() % 2 == 0 ? map.begin() : std::prev(map.end()));
  CHECK(map.size() == 0 && map.begin() == map.end());
}

void sets_stay_sorted_and_unique() {
  std::set<std::string> words{"pear", "apple", "fig", "apple", "date"};
  CHECK(words.size() == 4 && *words.begin() == "apple" && *words.rbegin() == "pear");
  std::multiset<int> many{3, 1, 3, 2, 3};
  CHECK(many.count(3) == 3 && many.lower_bound(3) == std::next(many.begin(), 2));
}

void unordered_map_keeps_what_it_is_given() {
  std::unordered_map<std::string, int> ages;
  for (int i = 0; i < 1000; ++i) ages["key" + std::to_string(i)] = i;
  CHECK(ages.size() == 1000);
  int sum = 0;
  for (const auto& [key, value] : ages) sum += key == "key" + std::to_string(value) ? value : 0;
  CHECK(sum == 499500);
  for (int i = 0; i < 1000; i += 2) ages.erase("key" + std::to_string(i));
  CHECK(ages.size() == 500 && !ages.contains("key10") && ages.at("key11") == 11);
  std::unordered_set<int> numbers;
  numbers.max_load_factor(0.5f);
  numbers.reserve(100);
  for (int i = 0; i < 500; ++i) numbers.insert(i * 7);
  CHECK(numbers.size() == 500 && numbers.load_factor() <= 0.5f && numbers.contains(7 * 499));
}

void lists_splice_and_reverse() {
  std::list<int> a{1, 2, 3}, b{10, 20};
  a.splice(std::next(a.begin()), b);
  CHECK(a == std::list<int>{1, 10, 20, 2, 3} && b.empty());
  a.reverse();
  a.sort();
  CHECK(a == std::list<int>{1, 2, 3, 10, 20});
  b = {7};
  a.swap(b);
  CHECK(a == std::list<int>{7} && b.size() == 5);
  std::list<int> none;
  a.swap(none);
  CHECK(a.empty() && none == std::list<int>{7});
  std::forward_list<int> forward{3, 1, 2};
  forward.sort();
  CHECK(forward == std::forward_list<int>{1, 2, 3});
}

void vectors_and_deques_grow() {
  std::vector<int> v;
  std::deque<int> d;
  for (int i = 0; i < 5000; ++i) {
    v.push_back(i);
    d.push_front(i);
  }
  CHECK(v.size() == 5000 && d.size() == 5000 && v[4999] == d.front() && d[4999] == 0);
  v.erase(v.begin() + 10, v.end() - 10);
  CHECK(v.size() == 20 && v[10] == 4990);
  std::vector<bool> bits(100);
  bits[63] = true;
  CHECK(std::count(bits.begin(), bits.end(), true) == 1);
  CHECK(std::bitset<70>("1010").count() == 2);
}

void strings_and_numbers_convert() {
  std::string s = "zero-knowledge";
  s += " machine";
  CHECK(s.find("know") == 5 && s.substr(0, 4) == "zero" && s.size() == 22);
  s.replace(0, 4, "full");
  s.insert(4, 30, '!');
  CHECK(s.starts_with("full!!") && s.ends_with("machine"));
  CHECK(std::to_string(-12345) == "-12345" && std::to_string(1.5) == "1.500000");
  CHECK(std::stoi("-77") == -77 && std::stoul("ff", nullptr, 16) == 255 && std::stod("2.5e3") == 2500.0);
  char text[16];
  const auto [end, error] = std::to_chars(text, text + sizeof text, 987654321);
  CHECK(error == std::errc{} && std::string_view(text, static_cast<std::size_t>(end - text)) == "987654321");
  int value = 0;
  CHECK(std::from_chars("4711x", "4711x" + 5, value).ec == std::errc{} && value == 4711);
  CHECK(std::hash<std::string>{}("a") != std::hash<std::string>{}("b"));
}

void algorithms_and_ranges_work() {
  std::vector<std::uint32_t> v(500);
  std::mt19937 random(7);
  std::ranges::generate(v, std::ref(random));
  auto w = v;
  std::ranges::sort(v);
  CHECK(std::ranges::is_sorted(v));
  std::stable_sort(w.begin(), w.end(), std::greater<>{});
  std::ranges::reverse(w);
  CHECK(v == w);
  std::make_heap(w.begin(), w.end());
  std::sort_heap(w.begin(), w.end());
  CHECK(v == w);
  std::nth_element(w.begin(), w.begin() + 100, w.end());
  CHECK(w[100] == v[100]);
  int sum = 0;
  for (int i : std::views::iota(1, 100) | std::views::filter([](int x) { return x % 3 == 0; }) |
                   std::views::transform([](int x) { return x * x; }) | std::views::take(5)) {
    sum += i;
  }
  CHECK(sum == 9 + 36 + 81 + 144 + 225);
  CHECK(std::accumulate(v.begin(), v.end(), 0u) == std::reduce(w.begin(), w.end(), 0u));
  const std::span<const std::uint32_t> middle = std::span(v).subspan(10, 5);
  CHECK(middle.size() == 5 && middle.front() == v[10]);
  CHECK(std::popcount(0xf0f0u) == 8 && std::countl_zero(1u) == 31 && std::rotl(1u, 31) == 0x80000000u);
  CHECK(std::gcd(84, 30) == 6);
}

struct Shape {
  virtual ~Shape() = default;
  virtual int area() const = 0;
};
struct Square : Shape {
  explicit Square(int side) : side(side) {}
  int area() const override { return side * side; }
  int side;
};

void function_objects_and_pointers_work() {
  std::function<int(int)> add = [offset = 40](int x) { return x + offset; };
  CHECK(add(2) == 42);
  add = std::bind(std::minus<>{}, std::placeholders::_1, 5);
  CHECK(add(7) == 2);
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i <= 4; ++i) shapes.push_back(std::make_unique<Square>(i));
  int area = 0;
  for (const auto& shape : shapes) area += shape->area();
  CHECK(area == 30);
  auto shared = std::make_shared<int>(5);
  std::weak_ptr<int> weak = shared;
  auto other = shared;
  CHECK(shared.use_count() == 2 && *weak.lock() == 5);
  shared.reset();
  other.reset();
  CHECK(weak.expired());
  std::variant<int, std::string> either = "text";
  CHECK(std::get<std::string>(either) == "text" && either.index() == 1);
  std::optional<int> maybe;
  CHECK(!maybe && maybe.value_or(3) == 3);
  std::any anything = 12;
  CHECK(*std::any_cast<int>(&anything) == 12);
  std::priority_queue<int> queue;
  for (int i : {3, 9, 1}) queue.push(i);
  CHECK(queue.top() == 9);
  CHECK(std::apply([](int a, int b) { return a * b; }, std::tuple{6, 7}) == 42);
}

void atomics_are_plain_operations() {
  std::atomic<int> counter{5};
  counter.fetch_add(3);
  ++counter;
  int expected = 9;
  CHECK(counter.compare_exchange_strong(expected, 100) && counter.load() == 100);
  expected = 1;
  CHECK(!counter.compare_exchange_strong(expected, 7) && expected == 100);
  std::atomic<std::uint64_t> wide{1};
  wide |= std::uint64_t{1} << 40;
  CHECK(wide.exchange(2) == ((std::uint64_t{1} << 40) | 1));
  std::atomic<std::uint8_t> narrow{255};
  ++narrow;
  CHECK(narrow.load() == 0);
  std::atomic_flag flag = ATOMIC_FLAG_INIT;
  CHECK(!flag.test_and_set() && flag.test_and_set());
}

}  // namespace

int main() {
  map_agrees_with_sorted_vector();
  sets_stay_sorted_and_unique();
  unordered_map_keeps_what_it_is_given();
  lists_splice_and_reverse();
  vectors_and_deques_grow();
  strings_and_numbers_convert();
  algorithms_and_ranges_work();
  function_objects_and_pointers_work();
  atomics_are_plain_operations();
  return check::report();
}
