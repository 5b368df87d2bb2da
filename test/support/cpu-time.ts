/**
 * The processor time that this process has taken so far, milliseconds. Bounds on it hold beside other work, which wall
 * time does not: a busy machine lets a process wait.
 */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
