import manifest from "../package.json" with { type: "json" };

/** This release, as in package.json. */
export const { version } = manifest;
