/** Line icons of 24 units, drawn in the colour of their text. */

const paths = {
  overview: "M4 13h4l3-8 4 14 3-6h2",
  events: "M4 6h16M4 12h16M4 18h10",
  destinations: "M4 12h10m0 0-4-4m4 4-4 4M18 5v14",
  rules: "M6 4v6a4 4 0 0 0 4 4h8m0 0-3-3m3 3-3 3M6 14v6",
  verdicts: "M12 4v16M7 20h10M5 8h14M5 8l-2 6h5L5 8Zm14 0-3 6h5l-2-6Z",
  commands: "m7 8-4 4 4 4m10-8 4 4-4 4M14 5l-4 14",
  start: "M5 4v17M5 5h13l-3 4 3 4H5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5m11 11L19 19M5 19l1.5-1.5m11-11L19 5",
  moon: "M20 14a8 8 0 1 1-10-10 7 7 0 0 0 10 10Z",
  leave: "M10 4H5v16h5m4-12 4 4-4 4m4-4H9",
  help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2m0 3v.5",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  again: "M20 11a8 8 0 1 0-2 6m2 3v-5h-5",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  pause: "M9 5v14m6-14v14",
  play: "m7 4 12 8-12 8z",
  test: "M4 12h3l2-5 4 10 2-5h5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
