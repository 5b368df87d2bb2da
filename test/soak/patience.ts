/** Tencent waits so long for an answer. Milliseconds. */
export const patienceMs = 2_000;
