// Pages are named by the part behind '#': "#/incidents/12?tab=run".
export interface Place {
  page: string;
  id: string | null;
  query: Record<string, string>;
}

// What was not encoded by us is taken as it is.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  return {
    page: page || "overview",
    id: rest.length > 0 ? decoded(rest.join("/")) : null,
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

export const place = $state<Place>(read());

addEventListener("hashchange", () => Object.assign(place, read()));

export const link = (page: string, id?: string | number | null): string =>
  `#/${page}${id === undefined || id === null ? "" : `/${encodeURIComponent(String(id))}`}`;

export function go(page: string, id?: string | number | null): void {
  location.hash = link(page, id);
}
