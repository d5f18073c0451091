#include "drift/page.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vigia::drift {

namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#fff;--page:#f6f8fa;
--red:#cf222e;--yellow:#9a6700;--green:#1a7f37;--grey:#57606a;--base:#8c959f;--now:#0969da}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--card:#161b22;--page:#0d1117;
--red:#ff7b72;--yellow:#e3b341;--green:#56d364;--grey:#9198a1;--base:#6e7681;--now:#58a6ff}}
*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:60rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem;margin:.7rem 0}
.en,.small{color:var(--soft);font-size:.86rem}.badge{display:inline-block;color:var(--card);border-radius:1rem;
padding:.05rem .7rem;font-weight:600}.red{background:var(--red)}.yellow{background:var(--yellow)}
.green{background:var(--green)}.grey{background:var(--grey)}.facts{display:grid;gap:.3rem 1.2rem;
grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}.facts b{display:block;font-size:1.15rem}
.head{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:baseline}.head h3{margin:0;font-size:1.05rem}
svg{width:100%;max-width:34rem;height:auto;display:block;margin-top:.4rem}svg text{fill:var(--soft);font:9px system-ui,sans-serif}
.b{fill:var(--base)}.n{fill:var(--now)}.key i{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 .8rem}
)css";

}  // namespace

std::string PageHead(std::string_view title) {
  return "<!doctype html>\n<html lang=\"pt-BR\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         EscapeHtml(title) + "</title>\n<style>" + std::string(kStyle) + "</style></head><body>\n";
}

std::string PageFoot(WallTime created_at) {
  return "<p class=\"small\">Vigia · " + FormatTime(created_at) + "</p>\n</body></html>\n";
}

std::string Both(std::string_view pt, std::string_view en) {
  return fmt::format("<p>{}<br><span class=\"en\">{}</span></p>\n", EscapeHtml(pt), EscapeHtml(en));
}

std::string Fact(std::string_view label, const std::string& value) {
  return fmt::format("<div><span class=\"small\">{}</span><b>{}</b></div>", label, EscapeHtml(value));
}

}  // namespace vigia::drift
