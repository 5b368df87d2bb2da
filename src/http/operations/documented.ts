/** The documentation of an operation: all that the document of the API tells of a route beyond its checks. */
import type * as v from "valibot";

export type Tag =
  | "Gateway"
  | "Events"
  | "Destinations"
  | "Dead letters"
  | "Replays"
  | "Rules"
  | "Verdicts"
  | "Observability";

export interface Documented {
  tag: Tag;
  /** A sentence for people, in Markdown. */
  summary: string;
  /** Only the page of the dashboard asks for it: the document of the API leaves it out. */
  isOfPage?: true;
  /** Of a WebSocket: the JSON of a text frame. */
  answer: v.GenericSchema;
  /** The media type of its answer. Absent: JSON. */
  type?: string;
  /** The answer of some calls that go well, of another status. */
  also?: { status: 200; answer: v.GenericSchema };
  /** A sentence that names the missing thing, where an answer may be 404. */
  notFound?: string;
}
