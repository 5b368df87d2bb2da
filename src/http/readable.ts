/** A request's URL begins with the host that its sender names, which need be none at all. It decides nothing here. */

/** The request, under a URL whose path is the one that was asked for. */
export function readable(request: Request): Request {
  const host = request.headers.get("host") ?? "";
  if (!/[/?#\\]/.test(host) && URL.canParse(request.url)) return request;
  const named = request.url.slice(request.url.indexOf("//") + 2);
  const path = named.startsWith(host) ? named.slice(host.length) : named.replace(/^[^/]*/, "");
  return new Request(`http://unnamed.invalid${path}`, request);
}
