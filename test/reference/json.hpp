#pragma once

#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace soapstone::testing {

/// A value of the JSON that our own scripts write: enough to read the fixtures, and no more. Flags
/// and null become numbers.
struct Json {
  double number = 0.0;
  std::string text;
  std::vector<Json> items;
  std::map<std::string, Json> members;

  std::size_t size() const { return items.size(); }
  const Json& at(std::size_t i) const { return items.at(i); }
  const Json& operator[](const char* name) const { return members.at(name); }
  bool has(const char* name) const { return members.count(name) > 0; }

  /// All numbers below this value in their order.
  std::vector<double> flat() const {
    std::vector<double> all;
    collect(all);
    return all;
  }

 private:
  void collect(std::vector<double>& all) const {
    if (items.empty()) all.push_back(number);
    for (const Json& item : items) item.collect(all);
  }
};

namespace detail {

class JsonReader {
 public:
  explicit JsonReader(const std::string& text) : at_(text.c_str()) {}

  Json value() {
    Json result;
    switch (next()) {
      case '{':
        list('}', [&] {
          const std::string name = string();
          expect(':');
          result.members[name] = value();
        });
        break;
      case '[':
        list(']', [&] { result.items.push_back(value()); });
        break;
      case '"':
        result.text = string();
        break;
      default:
        result.number = scalar();
    }
    return result;
  }

 private:
  char next() {
    while (std::isspace(static_cast<unsigned char>(*at_))) ++at_;
    return *at_;
  }

  void expect(char c) {
    if (next() != c) throw std::runtime_error(std::string("JSON: expected ") + c);
    ++at_;
  }

  template <typename Item>
  void list(char close, const Item& item) {
    ++at_;
    if (next() != close) {
      item();
      while (next() == ',') {
        ++at_;
        item();
      }
    }
    expect(close);
  }

  std::string string() {
    expect('"');
    std::string result;
    while (*at_ != '"') {
      if (*at_ == '\0') throw std::runtime_error("JSON: a string without an end");
      if (*at_ == '\\') result += *at_++;  // escapes stay as they are written
      result += *at_++;
    }
    ++at_;
    return result;
  }

  double scalar() {
    if (std::isalpha(static_cast<unsigned char>(*at_))) {
      const bool flag = *at_ == 't';
      while (std::isalpha(static_cast<unsigned char>(*at_))) ++at_;
      return flag ? 1.0 : 0.0;
    }
    char* end = nullptr;
    const double number = std::strtod(at_, &end);
    if (end == at_) throw std::runtime_error("JSON: expected a number");
    at_ = end;
    return number;
  }

  const char* at_;
};

}  // namespace detail

/// Reads test/reference/data/<name>.json.
inline Json read_fixture(const std::string& name) {
  const auto file = std::filesystem::path(__FILE__).parent_path() / "data" / (name + ".json");
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return detail::JsonReader(text).value();
}

}  // namespace soapstone::testing
