/** A request's URL begins with the host that its sender names, which need be none at all. It decides nothing here. */

/** The request, under a URL that can be read. */
export function readable(request: Request): Request {
  if (URL.canParse(request.url)) return request;
  const afterScheme = request.url.slice(request.url.indexOf("//") + 2);
  const host = request.headers.get("host") ?? "";
  const path = afterScheme.startsWith(host)
    ? afterScheme.slice(host.length)
    : afterScheme.replace(/^[^/]*/, "");
  return new Request(`http://unnamed.invalid${path}`, request);
}
