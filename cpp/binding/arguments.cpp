#include "binding/arguments.hpp"

namespace soapstone::binding {
namespace {

template <typename T>
constexpr napi_typedarray_type kElement = napi_float64_array;
template <>
constexpr napi_typedarray_type kElement<float> = napi_float32_array;
template <>
constexpr napi_typedarray_type kElement<std::int32_t> = napi_int32_array;
template <>
constexpr napi_typedarray_type kElement<std::uint8_t> = napi_uint8_array;

template <typename T>
std::vector<T> copy(const Array<T>& from) {
  return {from.data, from.data + from.size};
}

}  // namespace

template <typename T>
Array<T> array(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != kElement<T>) {
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": wrong type of array");
  }
  auto typed = value.As<Napi::TypedArrayOf<T>>();
  return {typed.Data(), typed.ElementLength()};
}

template <typename T>
Array<T> array(const Napi::Value& value, const char* name, std::size_t size, bool optional) {
  if (optional && value.IsUndefined()) return {};
  const Array<T> result = array<T>(value, name);
  if (result.size != size) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + ": expected " +
                                                 std::to_string(size) + " elements, got " +
                                                 std::to_string(result.size));
  }
  return result;
}

template Array<double> array(const Napi::Value&, const char*);
template Array<std::int32_t> array(const Napi::Value&, const char*);
template Array<std::uint8_t> array(const Napi::Value&, const char*);
template Array<double> array(const Napi::Value&, const char*, std::size_t, bool);
template Array<std::int32_t> array(const Napi::Value&, const char*, std::size_t, bool);
template Array<std::uint8_t> array(const Napi::Value&, const char*, std::size_t, bool);

double number(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsNumber()) {
    throw Napi::TypeError::New(object.Env(), std::string(key) + ": expected a number");
  }
  return value.As<Napi::Number>().DoubleValue();
}

int integer(const Napi::Object& object, const char* key) {
  return static_cast<int>(number(object, key));
}

bool flag(const Napi::Object& object, const char* key) { return object.Get(key).ToBoolean(); }

Batch::Batch(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "batch: expected an object");
  const auto batch = value.As<Napi::Object>();
  species_ = copy(array<std::int32_t>(batch.Get("species"), "batch.species"));
  offsets_ = copy(array<std::int32_t>(batch.Get("offsets"), "batch.offsets"));
  if (offsets_.empty() || offsets_.front() != 0 ||
      static_cast<std::size_t>(offsets_.back()) != species_.size()) {
    throw Napi::RangeError::New(value.Env(), "batch.offsets: do not span the atoms");
  }
  for (std::size_t s = 0; s < structures(); ++s) {
    if (offsets_[s + 1] < offsets_[s]) {
      throw Napi::RangeError::New(value.Env(), "batch.offsets: must not decrease");
    }
  }
  positions_ = copy(array<double>(batch.Get("positions"), "batch.positions", 3 * atoms()));
  cells_ = copy(array<double>(batch.Get("cells"), "batch.cells", 9 * structures()));
  pbc_ = copy(array<std::uint8_t>(batch.Get("pbc"), "batch.pbc", 3 * structures()));
}

BatchView Batch::view() const {
  return {structures(),    positions_.data(), species_.data(),
          offsets_.data(), cells_.data(),     pbc_.data()};
}

}  // namespace soapstone::binding
