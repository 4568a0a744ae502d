#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/napi.hpp"
#include "common/structures.hpp"

namespace soapstone::binding {

// What TypeScript has validated arrives here; these checks only keep a wrong call from corrupting
// memory, so their messages speak to whoever maintains ts/native.

/// A typed array that JavaScript owns, seen without copying.
template <typename T>
struct Array {
  T* data = nullptr;
  std::size_t size = 0;
};

/// The elements of a typed array of exactly `size` elements; null for undefined if `optional`.
template <typename T>
Array<T> array(const Napi::Value& value, const char* name, std::size_t size, bool optional = false);

/// The elements of a typed array of any length.
template <typename T>
Array<T> array(const Napi::Value& value, const char* name);

/// Calls body(Array<double>) or body(Array<float>), whichever kind of array `value` is.
template <typename Body>
auto with_reals(const Napi::Value& value, const char* name, std::size_t size, const Body& body) {
  const bool single =
      value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array;
  return single ? body(array<float>(value, name, size)) : body(array<double>(value, name, size));
}

/// A number of things; with bounds, RangeError outside of them.
std::size_t count_of(const Napi::Value& value);
std::size_t count_of(const Napi::Value& value, const char* name, std::size_t least,
                     std::size_t most);

/// N of an N × N matrix, N > 0. @throws RangeError
std::size_t side_of(const Array<double>& matrix, const Napi::Value& value, const char* name);

/// Where consecutive parts of `total` things begin, and the last ends.
/// @throws kInvalidInput unless they ascend from 0 to `total`; with `filled`, no part may be empty.
Array<std::int32_t> offsets(const Napi::Value& value, const char* name, std::size_t total,
                            bool filled = false);

/// @throws kInvalidInput that names the row and column of what is not finite.
void check_finite(const double* data, std::size_t rows, std::size_t columns, const char* name);

double number(const Napi::Object& object, const char* key);
int integer(const Napi::Object& object, const char* key);
bool flag(const Napi::Object& object, const char* key);

/// The numbers of the typed array object[key], none where there is no array.
std::vector<double> numbers(const Napi::Object& object, const char* key);

/// The member of T that goes by the name object[key].
template <typename T>
T choice(const Napi::Object& object, const char* key,
         std::initializer_list<std::pair<const char*, T>> members) {
  const std::string name = object.Get(key).As<Napi::String>();
  for (const auto& [known, member] : members) {
    if (name == known) return member;
  }
  throw Napi::TypeError::New(object.Env(), std::string(key) + ": unknown name");
}

/// Structures in the arrays of JavaScript, which this keeps alive and nobody may change meanwhile:
/// ts/structures/batch.ts made them for this call. Lives and dies on JavaScript's thread.
class Batch {
 public:
  /// {positions: Float64Array(3A), species: Int32Array(A), offsets: Int32Array(S+1),
  ///  cells: Float64Array(9S), pbc: Uint8Array(3S)}
  explicit Batch(const Napi::Value& value);

  const BatchView& view() const { return view_; }
  std::size_t structures() const { return view_.structures; }
  std::size_t atoms() const { return view_.atoms(); }

 private:
  BatchView view_;
  std::vector<Napi::ObjectReference> kept_;
};

/// Hands a C++ object to JavaScript as an opaque value. The tag is checked on the way back, so a
/// wrong handle is an exception and not a crash.
template <typename T>
Napi::Value wrap(Napi::Env env, std::shared_ptr<T> object, const napi_type_tag& tag) {
  auto handle = Napi::External<std::shared_ptr<T>>::New(
      env, new std::shared_ptr<T>(std::move(object)),
      [](Napi::Env, std::shared_ptr<T>* owned) { delete owned; });
  handle.TypeTag(&tag);
  return handle;
}

template <typename T>
std::shared_ptr<T> unwrap(const Napi::Value& value, const napi_type_tag& tag, const char* name) {
  if (!value.IsExternal() || !value.As<Napi::External<std::shared_ptr<T>>>().CheckTypeTag(&tag)) {
    throw Napi::TypeError::New(value.Env(), std::string("expected a handle of a ") + name);
  }
  return *value.As<Napi::External<std::shared_ptr<T>>>().Data();
}

}  // namespace soapstone::binding
