/**
 * SQLite's write-ahead log, as far as damage of it can be told. SQLite passes over everything behind the first wrong
 * checksum without a word, and then overwrites it: https://sqlite.org/fileformat.html#the_write_ahead_log
 */
import { copyFileSync, readFileSync } from "node:fs";
import { isErrno } from "./errno.ts";

const headerBytes = 32;
const frameHeaderBytes = 24;
const magic = 0x377f0682;

type Sums = [number, number];

/** The number of frames that cannot be read, though they were written since the log began anew; 0: the log is sound. */
export function unreadableFrames(log: Buffer): number {
  if (log.length < headerBytes + frameHeaderBytes) return 0;
  const pageBytes = log.readUInt32BE(8);
  const frameBytes = frameHeaderBytes + pageBytes;
  const frames = Math.floor((log.length - headerBytes) / frameBytes);
  const bigEndian = log.readUInt32BE(0) === magic + 1;
  let sums = checksum(log.subarray(0, 24), [0, 0], bigEndian);
  const isLog = (log.readUInt32BE(0) & ~1) === magic && equals(sums, log, 24);
  if (!isLog) return Math.max(1, Math.floor((log.length - headerBytes) / (frameHeaderBytes + 4096)));
  const salt = log.subarray(16, 24);
  for (let frame = 0; frame < frames; frame++) {
    const at = headerBytes + frame * frameBytes;
    // A frame of an earlier round ends the log: its salt is another.
    const ofThisRound = log.subarray(at + 8, at + 16).equals(salt);
    sums = checksum(log.subarray(at, at + 8), sums, bigEndian);
    sums = checksum(log.subarray(at + frameHeaderBytes, at + frameBytes), sums, bigEndian);
    if (ofThisRound && equals(sums, log, at + 16)) continue;
    let later = 0;
    for (let next = at + frameBytes; next + frameBytes <= log.length; next += frameBytes)
      if (log.subarray(next + 8, next + 16).equals(salt)) later++;
    // A kill can tear the last frame alone, whose events were not acknowledged.
    return later;
  }
  return 0;
}

function checksum(bytes: Buffer, [first, second]: Sums, bigEndian: boolean): Sums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    first = (first + view.getUint32(at, !bigEndian) + second) >>> 0;
    second = (second + view.getUint32(at + 4, !bigEndian) + first) >>> 0;
  }
  return [first, second];
}

function equals([first, second]: Sums, log: Buffer, at: number): boolean {
  return log.readUInt32BE(at) === first && log.readUInt32BE(at + 4) === second;
}

/** A sentence if the log of a database is damaged. It puts a copy aside, because SQLite overwrites a damaged log. */
export function logProblem(database: string): string | null {
  const path = `${database}-wal`;
  let log: Buffer;
  try {
    log = readFileSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
  const unreadable = unreadableFrames(log);
  if (unreadable === 0) return null;
  const copy = `${path}.damaged`;
  copyFileSync(path, copy);
  return `${path} is damaged: up to ${unreadable} pages of the newest events cannot be read. A copy was put into ${copy}`;
}
