#pragma once

namespace soapstone {

constexpr double kPi = 3.14159265358979323846;

}  // namespace soapstone
