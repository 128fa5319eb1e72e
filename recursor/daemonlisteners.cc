// The daemon opens its UDP and TCP sockets: before privileges are dropped, for every worker and each of local-address.
#include <stdexcept>

#include "lib/base/log.hh"
#include "lib/net/tcpstream.hh"
#include "lib/net/udpsocket.hh"
#include "recursor/daemon.hh"
#include "recursor/orthrow.hh"

namespace rec {

void Daemon::bindListeners() {
  if (d_started->localAddress.empty()) {
    throw std::runtime_error("local-address: there is no address to listen on");
  }
  for (const base::Address& address : d_started->localAddress) {
    bindOne(address);
  }
}

// Each worker has sockets of its own, or a duplicate of the one that all share.
void Daemon::bindOne(const base::Address& address) {
  net::BindOptions options;
  options.reusePort = d_started->reuseport && count() > 1;
  options.nonLocal = d_started->nonLocalBind;
  options.fastOpenQueue = d_started->tcpFastOpen;
  options.receiveBuffer = static_cast<int>(d_started->udpReceiveBuffer);
  options.sendBuffer = static_cast<int>(d_started->udpSendBuffer);
  options.busyPoll = static_cast<int>(d_started->udpBusyPoll);
  base::Fd udp, tcp;
  for (const auto& worker : d_workers) {
    const bool first = worker == d_workers.front();
    if (first || options.reusePort) {
      udp = orThrow(net::bindUdp(address, options));
      tcp = orThrow(net::bindTcp(address, options));
      d_udpSockets.emplace_back(::dup(udp.get()));
    }
    worker->listenUdp(base::Fd(::dup(udp.get())), address);
    worker->listenTcp(base::Fd(::dup(tcp.get())), address);
  }
  reportSocket(udp.get(), address, options);
}

// What the kernel did not do as it was asked, once for all sockets that are alike.
void Daemon::reportSocket(int udp, const base::Address& address, const net::BindOptions& options) {
  const unsigned granted = net::grantedBuffers(udp, options);
  if (granted < 100 && address == d_started->localAddress.front()) {
    base::log(base::LogLevel::Warning,
              "the kernel gives UDP sockets " + std::to_string(granted) +
                  " % of udp-receive-buffer or udp-send-buffer: see net.core.rmem_max and net.core.wmem_max");
  }
  if (d_started->udpSteerByCpu && options.reusePort && !net::steerByCpu(udp, count())) {
    base::log(base::LogLevel::Warning, "udp-steer-by-cpu: not possible for " + address.textWithPort());
  }
}

} // namespace rec
