/** Makes workerd collect its garbage, through its inspector: only the memory that is held is left. */

/** @param port of the inspector */
export async function collectGarbage(port: number): Promise<void> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { id: string }[];
  for (const { id } of targets) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${id}`);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" }));
      socket.onmessage = ({ data }) => (JSON.parse(String(data)).id === 1 ? resolve() : undefined);
      socket.onerror = () => reject(new Error("the inspector does not answer"));
    });
    socket.close();
  }
}
