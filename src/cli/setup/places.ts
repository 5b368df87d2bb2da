/** Tencent Cloud Chat's data centres, and the place of Cloudflare's that is nearest to each. */

/** https://developers.cloudflare.com/durable-objects/reference/data-location/#provide-a-location-hint */
export const nearestPlaces = {
  china: "apac-ne",
  singapore: "apac-se",
  seoul: "apac-ne",
  tokyo: "apac-ne",
  frankfurt: "weur",
  siliconValley: "wnam",
  jakarta: "apac-se",
} as const;

export type DataCentre = keyof typeof nearestPlaces;

export const dataCentres = Object.keys(nearestPlaces) as DataCentre[];
