// The part of libstdc++.a that containers, strings and function objects of libstdc++ 12 need, for Debian 12, which has no
// C++ library for this processor: its headers come from the host's libstdc++-12-dev (see shim/). Written from the
// declarations in those headers; errors.cpp has the functions that would throw.

#include <bits/hash_bytes.h>
#include <bits/stl_tree.h>

#include <cstdint>
#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <new>
#include <unordered_map>

// --- Language support -------------------------------------------------------------------------------------------------

namespace {

std::new_handler handler_of_new = nullptr;

}  // namespace

namespace std {

const nothrow_t nothrow{};

new_handler set_new_handler(new_handler handler) noexcept {
  new_handler old = handler_of_new;
  handler_of_new = handler;
  return old;
}

new_handler get_new_handler() noexcept { return handler_of_new; }

int uncaught_exceptions() noexcept { return 0; }
bool uncaught_exception() noexcept { return false; }

// Asked by make_shared of code without run-time type information after a comparison of addresses has failed.
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }

}  // namespace std

// --- Red-black trees (std::map, std::set) -----------------------------------------------------------------------------
// After Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, chapter 13. The header node stands above the root:
// its parent is the root, its left and right are the leftmost and rightmost nodes, and it is red, as no root is.

namespace std {

namespace {

using Node = _Rb_tree_node_base;

// Puts `child` where `node` hangs below its parent, or at the root.
void replace_child(Node* node, Node* child, Node*& root) {
  if (node == root) {
    root = child;
  } else if (node == node->_M_parent->_M_left) {
    node->_M_parent->_M_left = child;
  } else {
    node->_M_parent->_M_right = child;
  }
}

void rotate_left(Node* node, Node*& root) {
  Node* up = node->_M_right;
  node->_M_right = up->_M_left;
  if (up->_M_left != nullptr) up->_M_left->_M_parent = node;
  up->_M_parent = node->_M_parent;
  replace_child(node, up, root);
  up->_M_left = node;
  node->_M_parent = up;
}

void rotate_right(Node* node, Node*& root) {
  Node* up = node->_M_left;
  node->_M_left = up->_M_right;
  if (up->_M_right != nullptr) up->_M_right->_M_parent = node;
  up->_M_parent = node->_M_parent;
  replace_child(node, up, root);
  up->_M_right = node;
  node->_M_parent = up;
}

bool is_red(const Node* node) { return node != nullptr && node->_M_color == _S_red; }

Node* next_node(Node* node) {
  if (node->_M_right != nullptr) return Node::_S_minimum(node->_M_right);
  Node* parent = node->_M_parent;
  while (node == parent->_M_right) {
    node = parent;
    parent = parent->_M_parent;
  }
  // With a root that has no right child, the climb from the rightmost node goes through the header and ends at the root.
  return node->_M_right == parent ? node : parent;
}

Node* previous_node(Node* node) {
  const bool is_header = node->_M_color == _S_red && node->_M_parent->_M_parent == node;
  if (is_header) return node->_M_right;
  if (node->_M_left != nullptr) return Node::_S_maximum(node->_M_left);
  Node* parent = node->_M_parent;
  while (node == parent->_M_left) {
    node = parent;
    parent = parent->_M_parent;
  }
  return parent;
}

}  // namespace

_Rb_tree_node_base* _Rb_tree_increment(_Rb_tree_node_base* node) throw() { return next_node(node); }
const _Rb_tree_node_base* _Rb_tree_increment(const _Rb_tree_node_base* node) throw() {
  return next_node(const_cast<Node*>(node));
}
_Rb_tree_node_base* _Rb_tree_decrement(_Rb_tree_node_base* node) throw() { return previous_node(node); }
const _Rb_tree_node_base* _Rb_tree_decrement(const _Rb_tree_node_base* node) throw() {
  return previous_node(const_cast<Node*>(node));
}

void _Rb_tree_insert_and_rebalance(const bool insert_left, _Rb_tree_node_base* node, _Rb_tree_node_base* parent,
                                   _Rb_tree_node_base& header) throw() {
  Node*& root = header._M_parent;
  node->_M_parent = parent;
  node->_M_left = nullptr;
  node->_M_right = nullptr;
  node->_M_color = _S_red;
  if (insert_left) {
    parent->_M_left = node; // of an empty tree: the header's leftmost
    if (parent == &header) {
      header._M_parent = node;
      header._M_right = node;
    } else if (parent == header._M_left) {
      header._M_left = node;
    }
  } else {
    parent->_M_right = node;
    if (parent == header._M_right) header._M_right = node;
  }

  // RB-INSERT-FIXUP: the only violation is a red node below a red parent.
  while (node != root && node->_M_parent->_M_color == _S_red) {
    parent = node->_M_parent;
    Node* grandparent = parent->_M_parent;
    const bool parent_is_left = parent == grandparent->_M_left;
    Node* uncle = parent_is_left ? grandparent->_M_right : grandparent->_M_left;
    if (is_red(uncle)) {
      parent->_M_color = _S_black;
      uncle->_M_color = _S_black;
      grandparent->_M_color = _S_red;
      node = grandparent;
      continue;
    }
    if (parent_is_left) {
      if (node == parent->_M_right) {
        rotate_left(parent, root);
        parent = node;
      }
      rotate_right(grandparent, root);
    } else {
      if (node == parent->_M_left) {
        rotate_right(parent, root);
        parent = node;
      }
      rotate_left(grandparent, root);
    }
    parent->_M_color = _S_black;
    grandparent->_M_color = _S_red;
    break;
  }
  root->_M_color = _S_black;
}

_Rb_tree_node_base* _Rb_tree_rebalance_for_erase(_Rb_tree_node_base* const node, _Rb_tree_node_base& header) throw() {
  Node*& root = header._M_parent;
  if (node == header._M_left) header._M_left = next_node(node);
  if (node == header._M_right) header._M_right = previous_node(node);

  // `child` (possibly null) moves up into the place that is vacated, below `parent`.
  Node* child;
  Node* parent;
  _Rb_tree_color lost;
  if (node->_M_left == nullptr || node->_M_right == nullptr) {
    child = node->_M_left != nullptr ? node->_M_left : node->_M_right;
    parent = node->_M_parent;
    lost = node->_M_color;
    if (child != nullptr) child->_M_parent = parent;
    replace_child(node, child, root);
  } else {
    // The successor, which has no left child, takes the node's place and colour.
    Node* successor = Node::_S_minimum(node->_M_right);
    child = successor->_M_right;
    lost = successor->_M_color;
    if (successor == node->_M_right) {
      parent = successor;
    } else {
      parent = successor->_M_parent;
      parent->_M_left = child;
      if (child != nullptr) child->_M_parent = parent;
      successor->_M_right = node->_M_right;
      successor->_M_right->_M_parent = successor;
    }
    replace_child(node, successor, root);
    successor->_M_parent = node->_M_parent;
    successor->_M_left = node->_M_left;
    successor->_M_left->_M_parent = successor;
    successor->_M_color = node->_M_color;
  }
  if (lost == _S_red) return node;

  // RB-DELETE-FIXUP: paths through `child` are one black node short.
  while (child != root && !is_red(child)) {
    if (child == parent->_M_left) {
      Node* sibling = parent->_M_right;
      if (sibling->_M_color == _S_red) {
        sibling->_M_color = _S_black;
        parent->_M_color = _S_red;
        rotate_left(parent, root);
        sibling = parent->_M_right;
      }
      if (!is_red(sibling->_M_left) && !is_red(sibling->_M_right)) {
        sibling->_M_color = _S_red;
        child = parent;
        parent = parent->_M_parent;
        continue;
      }
      if (!is_red(sibling->_M_right)) {
        sibling->_M_left->_M_color = _S_black;
        sibling->_M_color = _S_red;
        rotate_right(sibling, root);
        sibling = parent->_M_right;
      }
      sibling->_M_color = parent->_M_color;
      parent->_M_color = _S_black;
      sibling->_M_right->_M_color = _S_black;
      rotate_left(parent, root);
    } else {
      Node* sibling = parent->_M_left;
      if (sibling->_M_color == _S_red) {
        sibling->_M_color = _S_black;
        parent->_M_color = _S_red;
        rotate_right(parent, root);
        sibling = parent->_M_left;
      }
      if (!is_red(sibling->_M_left) && !is_red(sibling->_M_right)) {
        sibling->_M_color = _S_red;
        child = parent;
        parent = parent->_M_parent;
        continue;
      }
      if (!is_red(sibling->_M_left)) {
        sibling->_M_right->_M_color = _S_black;
        sibling->_M_color = _S_red;
        rotate_left(sibling, root);
        sibling = parent->_M_left;
      }
      sibling->_M_color = parent->_M_color;
      parent->_M_color = _S_black;
      sibling->_M_left->_M_color = _S_black;
      rotate_right(parent, root);
    }
    break;
  }
  if (child != nullptr) child->_M_color = _S_black;
  return node;
}

unsigned int _Rb_tree_black_count(const _Rb_tree_node_base* node, const _Rb_tree_node_base* root) throw() {
  unsigned int count = 0;
  for (; node != nullptr; node = node == root ? nullptr : node->_M_parent) count += node->_M_color == _S_black ? 1 : 0;
  return count;
}

// --- Lists ------------------------------------------------------------------------------------------------------------

namespace __detail {

void _List_node_base::_M_hook(_List_node_base* const position) noexcept {
  _M_next = position;
  _M_prev = position->_M_prev;
  position->_M_prev->_M_next = this;
  position->_M_prev = this;
}

void _List_node_base::_M_unhook() noexcept {
  _M_prev->_M_next = _M_next;
  _M_next->_M_prev = _M_prev;
}

// Moves [first, last) before this node.
void _List_node_base::_M_transfer(_List_node_base* const first, _List_node_base* const last) noexcept {
  if (this == last) return;
  _List_node_base* back = last->_M_prev;
  first->_M_prev->_M_next = last;
  last->_M_prev = first->_M_prev;
  first->_M_prev = _M_prev;
  back->_M_next = this;
  _M_prev->_M_next = first;
  _M_prev = back;
}

void _List_node_base::_M_reverse() noexcept {
  _List_node_base* node = this;
  do {
    _List_node_base* next = node->_M_next;
    node->_M_next = node->_M_prev;
    node->_M_prev = next;
    node = next;
  } while (node != this);
}

void _List_node_base::swap(_List_node_base& x, _List_node_base& y) noexcept {
  const bool x_empty = x._M_next == &x;
  const bool y_empty = y._M_next == &y;
  const _List_node_base old_x = x;
  const _List_node_base old_y = y;
  x._M_next = y_empty ? &x : old_y._M_next;
  x._M_prev = y_empty ? &x : old_y._M_prev;
  y._M_next = x_empty ? &y : old_x._M_next;
  y._M_prev = x_empty ? &y : old_x._M_prev;
  x._M_next->_M_prev = x._M_prev->_M_next = &x;
  y._M_next->_M_prev = y._M_prev->_M_next = &y;
}

// --- Hash tables ------------------------------------------------------------------------------------------------------

namespace {

// Each about twice the one before, and away from powers of two.
constexpr std::size_t PRIMES[] = {2,        3,         5,         7,         11,        13,        17,       29,
                                  53,       97,        193,       389,       769,       1543,      3079,     6151,
                                  12289,    24593,     49157,     98317,     196613,    393241,    786433,   1572869,
                                  3145739,  6291469,   12582917,  25165843,  50331653,  100663319, 201326611, 402653189,
                                  805306457};

// floor(value * load); the default load factor, 1, needs no floating point.
std::size_t scaled(std::size_t value, float load) {
  return load == 1.0f ? value : static_cast<std::size_t>(static_cast<double>(value) * static_cast<double>(load));
}

}  // namespace

// The least prime of the table that is >= n, or the greatest; remembers how many elements that many buckets may hold.
std::size_t _Prime_rehash_policy::_M_next_bkt(std::size_t n) const {
  if (n == 0) return 1; // the single bucket that an empty table has without allocating
  const std::size_t* prime = std::begin(PRIMES);
  while (*prime < n && prime + 1 != std::end(PRIMES)) ++prime;
  _M_next_resize = prime + 1 == std::end(PRIMES) ? static_cast<std::size_t>(-1) : scaled(*prime, _M_max_load_factor);
  return *prime;
}

std::pair<bool, std::size_t> _Prime_rehash_policy::_M_need_rehash(std::size_t buckets, std::size_t elements,
                                                                  std::size_t inserted) const {
  if (elements + inserted <= _M_next_resize) return {false, 0};
  // A table's first allocation has room for 11 elements.
  std::size_t wanted = elements + inserted;
  if (_M_next_resize == 0 && wanted < 11) wanted = 11;
  if (_M_max_load_factor != 1.0f) wanted = _M_bkt_for_elements(wanted);
  if (wanted >= buckets) {
    const std::size_t grown = buckets * _S_growth_factor;
    return {true, _M_next_bkt(wanted + 1 > grown ? wanted + 1 : grown)};
  }
  _M_next_resize = scaled(buckets, _M_max_load_factor);
  return {false, 0};
}

}  // namespace __detail

// MurmurHash2 (Austin Appleby, public domain), the 32-bit version.
std::size_t _Hash_bytes(const void* bytes, std::size_t size, std::size_t seed) {
  constexpr std::uint32_t M = 0x5bd1e995;
  const auto* data = static_cast<const unsigned char*>(bytes);
  std::uint32_t hash = seed ^ size;
  for (; size >= 4; data += 4, size -= 4) {
    std::uint32_t word;
    __builtin_memcpy(&word, data, 4);
    word *= M;
    word ^= word >> 24;
    hash = (hash * M) ^ (word * M);
  }
  if (size >= 3) hash ^= std::uint32_t{data[2]} << 16;
  if (size >= 2) hash ^= std::uint32_t{data[1]} << 8;
  if (size >= 1) hash = (hash ^ data[0]) * M;
  hash ^= hash >> 13;
  hash *= M;
  return hash ^ (hash >> 15);
}

// FNV-1a, 32 bits.
std::size_t _Fnv_hash_bytes(const void* bytes, std::size_t size, std::size_t hash) {
  const auto* data = static_cast<const unsigned char*>(bytes);
  for (; size > 0; --size) hash = (hash ^ *data++) * 16777619u;
  return hash;
}

}  // namespace std
