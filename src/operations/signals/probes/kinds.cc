#include "signals/probes/kinds.h"

#include <array>

#include "signals/probes/certificate_probe.h"
#include "signals/probes/cpu_probe.h"
#include "signals/probes/disk_probe.h"
#include "signals/probes/dns_probe.h"
#include "signals/probes/file_probe.h"
#include "signals/probes/gpu_probe.h"
#include "signals/probes/http_probe.h"
#include "signals/probes/job_probe.h"
#include "signals/probes/log_probe.h"
#include "signals/probes/memory_probe.h"
#include "signals/probes/process_probe.h"
#include "signals/probes/promql.h"
#include "signals/probes/scrape.h"
#include "signals/probes/sql_probe.h"
#include "signals/probes/tcp_probe.h"

namespace vigia::signals {

std::span<const ProbeKind> ProbeKinds() {
  static constexpr std::array kKinds = {
      ProbeKind{"scrape", LoadScrape},
      ProbeKind{"http", LoadHttpProbe},
      ProbeKind{"tcp", LoadTcpProbe},
      ProbeKind{"dns", LoadDnsProbe},
      ProbeKind{"certificate", LoadCertificateProbe},
      ProbeKind{"process", LoadProcessProbe},
      ProbeKind{"disk", LoadDiskProbe},
      ProbeKind{"memory", LoadMemoryProbe},
      ProbeKind{"cpu", LoadCpuProbe},
      ProbeKind{"gpu", LoadGpuProbe},
      ProbeKind{"file", LoadFileProbe},
      ProbeKind{"log", LoadLogProbe},
      ProbeKind{"promql", LoadPromqlProbe},
      ProbeKind{"sql", LoadSqlProbe},
      ProbeKind{"job", LoadJobProbe},
  };
  return kKinds;
}

}  // namespace vigia::signals
