import type { AddressInfo, Server } from "node:net";

/**
 * Listens on this machine, on a free port where none is given. Resolves with `http://127.0.0.1:49153`, without a slash
 * at the end.
 */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
