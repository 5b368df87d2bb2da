/**
 * A hash table of fingerprints and their times: 12 bytes a slot, where a `Map` takes about 60 bytes an entry. Open
 * addressing with linear probing. No entry is ever removed: the whole table is dropped at once.
 */

/** Slots of a new table, a power of two. */
const fewestSlots = 256;

/** The share of slots in use beyond which the table doubles. */
const fullest = 0.75;

export class FingerprintTable {
  /** 0 marks a free slot: a fingerprint of 0 is never found, and its event is kept twice. */
  #keys = new Float64Array(fewestSlots);
  #times = new Uint32Array(fewestSlots);
  #size = 0;
  /** Random and odd: a sender cannot choose events whose fingerprints all want the same slot. */
  readonly #factors = crypto.getRandomValues(new Int32Array(2)).map((factor) => factor | 1);

  /** The number of different fingerprints. */
  get size(): number {
    return this.#size;
  }

  /** The memory that it takes, bytes. */
  get bytes(): number {
    return this.#keys.byteLength + this.#times.byteLength;
  }

  /** The time of a fingerprint; undefined: there is none. */
  get(fingerprint: number): number | undefined {
    if (fingerprint === 0) return undefined;
    const slot = this.#slotOf(fingerprint);
    return this.#keys[slot] === fingerprint ? this.#times[slot] : undefined;
  }

  /** @param time a whole number of 32 bits; a later call for the same fingerprint replaces it */
  set(fingerprint: number, time: number): void {
    if (fingerprint === 0) return;
    if (this.#size >= this.#keys.length * fullest) this.#double();
    const slot = this.#slotOf(fingerprint);
    if (this.#keys[slot] === 0) this.#size++;
    this.#keys[slot] = fingerprint;
    this.#times[slot] = time;
  }

  /** The slot of a fingerprint, or the free one that it would take. */
  #slotOf(fingerprint: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const high = Math.floor(fingerprint / 2 ** 32);
    const mixed = Math.imul(fingerprint | 0, this.#factors[0]!) + Math.imul(high, this.#factors[1]!);
    // The upper bits depend on all bits of both halves.
    let slot = (mixed >>> 12) & mask;
    while (keys[slot] !== 0 && keys[slot] !== fingerprint) slot = (slot + 1) & mask;
    return slot;
  }

  #double(): void {
    const [keys, times] = [this.#keys, this.#times];
    this.#keys = new Float64Array(2 * keys.length);
    this.#times = new Uint32Array(2 * keys.length);
    for (const [index, key] of keys.entries()) {
      if (key === 0) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#times[slot] = times[index]!;
    }
  }
}
