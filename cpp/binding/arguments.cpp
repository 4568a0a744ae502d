#include "binding/arguments.hpp"

#include <cmath>

#include "common/error.hpp"

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
template Array<float> array(const Napi::Value&, const char*);
template Array<std::int32_t> array(const Napi::Value&, const char*);
template Array<std::uint8_t> array(const Napi::Value&, const char*);
template Array<double> array(const Napi::Value&, const char*, std::size_t, bool);
template Array<float> array(const Napi::Value&, const char*, std::size_t, bool);
template Array<std::int32_t> array(const Napi::Value&, const char*, std::size_t, bool);
template Array<std::uint8_t> array(const Napi::Value&, const char*, std::size_t, bool);

std::size_t count_of(const Napi::Value& value) {
  return static_cast<std::size_t>(value.As<Napi::Number>().Int64Value());
}

std::size_t count_of(const Napi::Value& value, const char* name, std::size_t least,
                     std::size_t most) {
  const std::int64_t count = value.As<Napi::Number>().Int64Value();
  if (count < 0 || static_cast<std::size_t>(count) < least ||
      static_cast<std::size_t>(count) > most) {
    throw Napi::RangeError::New(
        value.Env(), std::string(name) + ": expected a number from " + std::to_string(least) +
                         " to " + std::to_string(most) + ", got " + std::to_string(count));
  }
  return static_cast<std::size_t>(count);
}

std::size_t side_of(const Array<double>& matrix, const Napi::Value& value, const char* name) {
  const auto side = static_cast<std::size_t>(std::llround(std::sqrt(matrix.size)));
  if (side == 0 || side * side != matrix.size) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + ": not square");
  }
  return side;
}

Array<std::int32_t> offsets(const Napi::Value& value, const char* name, std::size_t total,
                            bool filled) {
  const auto result = array<std::int32_t>(value, name);
  const auto fail = [&](std::size_t at) {
    const std::string got = at < result.size ? std::to_string(result.data[at]) : "none";
    throw Error(ErrorCode::kInvalidInput,
                std::string(name) + ": expected numbers that ascend from 0 to " +
                    std::to_string(total) + (filled ? " and are all different" : "") + ", got " +
                    got + " in place " + std::to_string(at));
  };
  if (result.size == 0 || result.data[0] != 0) fail(0);
  for (std::size_t at = 1; at < result.size; ++at) {
    if (result.data[at] - result.data[at - 1] < (filled ? 1 : 0)) fail(at);
  }
  if (static_cast<std::size_t>(result.data[result.size - 1]) != total) fail(result.size - 1);
  return result;
}

void check_finite(const double* data, std::size_t rows, std::size_t columns, const char* name) {
  for (std::size_t i = 0; i < rows * columns; ++i) {
    if (std::isfinite(data[i])) continue;
    throw Error(ErrorCode::kInvalidInput,
                std::string(name) + ": row " + std::to_string(i / columns) + ", column " +
                    std::to_string(i % columns) + ": expected a finite number, got " +
                    (std::isnan(data[i]) ? "NaN"
                     : data[i] > 0.0     ? "Infinity"
                                         : "-Infinity"));
  }
}

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

std::vector<double> numbers(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsTypedArray()) return {};
  const auto from = array<double>(value, key);
  return {from.data, from.data + from.size};
}

Batch::Batch(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "batch: expected an object");
  const auto batch = value.As<Napi::Object>();
  const auto keep = [&](const char* key) {
    const Napi::Value member = batch.Get(key);
    if (member.IsObject()) kept_.push_back(Napi::Persistent(member.As<Napi::Object>()));
    return member;
  };
  const auto species = array<std::int32_t>(keep("species"), "batch.species");
  const auto first = offsets(keep("offsets"), "batch.offsets", species.size);
  const std::size_t structures = first.size - 1;
  view_ = {structures,
           array<double>(keep("positions"), "batch.positions", 3 * species.size).data,
           species.data,
           first.data,
           array<double>(keep("cells"), "batch.cells", 9 * structures).data,
           array<std::uint8_t>(keep("pbc"), "batch.pbc", 3 * structures).data};
}

}  // namespace soapstone::binding
