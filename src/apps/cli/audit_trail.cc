#include "cli/audit_trail.h"

#include <ostream>

#include "audit/audit.h"

namespace vigia::cli {

void AuditChange(Context& context, std::string action, Json details) {
  Status written = context.files.MakeFolders(context.Home("logs"));
  if (written.ok()) {
    written = audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(),
                            {std::move(action), audit::CurrentUser(), std::move(details)});
  }
  if (!written.ok()) context.err << "vigia: warning: not in the audit log: " << written.error().message() << "\n";
}

}  // namespace vigia::cli
