#pragma once

#include <memory>

#include "binding/napi.hpp"
#include "representations/representation.hpp"

namespace soapstone::binding {

/// The representation behind a handle made by one of the create… functions.
std::shared_ptr<const Representation> unwrap_representation(const Napi::Value& handle);

}  // namespace soapstone::binding
