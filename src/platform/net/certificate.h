// When certificates end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::net {

// Of the first certificate in a PEM text. kInvalidArgument: there is none.
Result<WallTime> CertificateExpiry(std::string_view pem);

// Of the certificate that a TLS server shows. Nothing is verified: an expired or self-signed one is
// measured too. kUnavailable, kDeadlineExceeded as Dial says; kDataLoss: the handshake failed.
Result<WallTime> PeerCertificateExpiry(const std::string& host, uint16_t port, const std::string& server_name,
                                       Duration timeout);

}  // namespace vigia::net
