/** The ratios by which the processor time of an event is judged. */

/** Milliseconds of an event: of the references, and of the gateway with so many destinations. */
export interface Times {
  bare: number;
  oneRow: number;
  none: number;
  one: number;
  two: number;
  ten: number;
}

export const ratios = {
  acceptCpuRatio: {
    what: "An event without destination, against *one-row*",
    of: ({ none, oneRow }: Times) => none / oneRow,
  },
  deliverCpuRatio: {
    what: "A delivery on top, against *bare*",
    of: ({ one, none, bare }: Times) => (one - none) / bare,
  },
  secondCpuRatio: {
    what: "The second destination, against *bare*",
    of: ({ two, one, bare }: Times) => (two - one) / bare,
  },
  furtherCpuRatio: {
    what: "Each of nine further destinations, against *bare*",
    of: ({ ten, one, bare }: Times) => (ten - one) / 9 / bare,
  },
} as const;

export const ratioKeys = Object.keys(ratios) as (keyof typeof ratios)[];
