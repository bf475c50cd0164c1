#include "guest-sdk/compiler/borders/npy.hpp"

#include <cstring>

#include "guest-sdk/compiler/borders/samples.hpp"

namespace zkvm::compiler {
namespace {

/// A file of version 1 with this header and so many bytes of elements.
std::vector<uint8_t> npy(const std::string& header, size_t data, uint8_t major = 1) {
  std::vector<uint8_t> file = {0x93, 'N', 'U', 'M', 'P', 'Y', major, 0};
  for (size_t i = 0; i < (major == 1 ? 2u : 4u); ++i) file.push_back(static_cast<uint8_t>(header.size() >> (8 * i)));
  file.insert(file.end(), header.begin(), header.end());
  file.resize(file.size() + data);
  return file;
}

std::string refusal(const std::vector<uint8_t>& file) {
  std::string error;
  EXPECT_FALSE(read_npy(file, error));
  return error;
}

TEST(npy, arrays_of_numpy_are_read_in_every_version_type_and_order) {
  const std::vector<int64_t> shape{2, 3, 4};
  for (const char* name : {"int8.npy", "uint8_version2.npy", "uint8_version3.npy"}) {
    const Array a = sample_array(name);
    EXPECT_EQ(a.shape, shape) << name;
    ASSERT_EQ(a.bytes.size(), 24u) << name;
    for (size_t i = 0; i < 24; ++i) EXPECT_EQ(a.bytes[i], i) << name;
  }
  EXPECT_EQ(sample_array("int8.npy").type, Array::Type::INT8);
  EXPECT_EQ(sample_array("uint8_version2.npy").type, Array::Type::UINT8);
  const Array single = sample_array("float32.npy"), fortran = sample_array("float64_fortran.npy");
  ASSERT_EQ(single.bytes.size(), 24u * sizeof(float));
  ASSERT_EQ(fortran.bytes.size(), 24u * sizeof(double));
  EXPECT_EQ(fortran.shape, shape);
  for (size_t i = 0; i < 24; ++i) {
    float f;
    double d;
    std::memcpy(&f, &single.bytes[i * sizeof f], sizeof f);
    std::memcpy(&d, &fortran.bytes[i * sizeof d], sizeof d);
    EXPECT_EQ(f, static_cast<float>(i));
    EXPECT_EQ(d, static_cast<double>(i));
  }
}

TEST(npy, headers_may_be_written_in_other_ways) {
  std::string error;
  for (const char* header : {"{'descr':'|i1','fortran_order':False,'shape':(2,3)}",
                             " { \"shape\": (2, 3,), \"descr\": \"|i1\", "
                             "\"fortran_order\": True, }  \n",
                             "{'shape': (6,), 'fortran_order': False, 'descr': '<i1', }"})
    EXPECT_TRUE(read_npy(npy(header, 6), error)) << header << ": " << error;
  const auto scalar = read_npy(npy("{'shape': (), 'fortran_order': False, 'descr': '|u1'}", 1), error);
  ASSERT_TRUE(scalar) << error;
  EXPECT_TRUE(scalar->shape.empty());
}

TEST(npy, other_types_are_refused_by_name) {
  expect_message(refusal(sample("int16.npy")), "'<i2'");
  expect_message(refusal(sample("big_endian.npy")), "'>f4'");
  expect_message(refusal(npy("{'descr': [('a', '|i1')], 'fortran_order': False, 'shape': (1,)}", 1)), "one type");
}

TEST(npy, hostile_headers_are_refused) {
  const auto with_shape = [](const std::string& shape, size_t data) {
    return refusal(npy("{'descr': '|i1', 'fortran_order': False, 'shape': " + shape + "}", data));
  };
  expect_message(with_shape("(2, 3)", 5), "6 bytes");
  expect_message(with_shape("(2, 3)", 7), "found 7");
  expect_message(with_shape("(99999999999999999999,)", 1), "2^27");
  expect_message(with_shape("(134217728, 134217728, 134217728)", 1), "2^27");
  expect_message(with_shape("(134217728, 134217728, 0)", 0), "2^27");
  expect_message(with_shape("(-1,)", 1), "size");
  expect_message(with_shape("(1.5,)", 1), "')'");
  expect_message(with_shape("(,)", 1), "size");
  expect_message(with_shape("(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)", 1), "16 dimensions");
  for (const char* header :
       {"", "{", "}", "{'descr'", "{'descr': '|i1}", "{'descr': |i1}", "{'descr': '|i1', 'fortran_order': Maybe}",
        "{'descr': '|i1', 'fortran_order': False}", "{'descr': '|i1', 'descr': '|i1', 'shape': (1,)}",
        "{'descr': '|i1', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '|i1', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '|i1' 'fortran_order': False, 'shape': (1,)}"})
    expect_message(refusal(npy(header, 1)), "");
  expect_message(refusal(npy(std::string(70000, ' '), 1, 2)), "65,536");
  expect_message(refusal(npy("{}", 0, 4)), "version 4.0");
  expect_message(refusal({}), ".npy");
}

TEST(npy, a_file_cut_anywhere_is_refused) {
  for (const char* name : {"int8.npy", "uint8_version2.npy", "float64_fortran.npy"}) {
    const std::vector<uint8_t> good = sample(name);
    for (size_t size = 0; size < good.size(); ++size)
      expect_message(refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}), "");
  }
}

}  // namespace
}  // namespace zkvm::compiler
