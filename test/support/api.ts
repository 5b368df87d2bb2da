/** The JSON of the API's answers, as its document describes it. */
import type { components } from "../../src/client/index.js";

export type { DeadLetter, Destination, Event as ListedEvent } from "../../src/client/index.js";

type Schemas = components["schemas"];

export type EventState = Schemas["EventState"];
export type DetailedDelivery = Schemas["Delivery"];
export type Stats = Schemas["Stats"];
export type Minute = Schemas["Minute"];
export type Health = Schemas["Health"];

/** As a caller gets it that sees bodies. */
export type DetailedEvent = Required<Omit<Schemas["EventDetail"], "body">> & {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the body that it has sent
  body: any;
};
