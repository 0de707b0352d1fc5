/** How a camera's servers behave; changed while they run. */
export interface Behaviour {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  /** What it asks for. `basic+digest` offers Basic first: the worst order for a client that takes the first. */
  readonly auth: "digest" | "basic" | "basic+digest" | "none";
  /** Lets everybody in whatever they offer, once they offered something: an impostor that wants to keep its victims. */
  readonly admitAnyone: boolean;
  /** Paths that have a stream; any other is answered 404. A doubled slash counts as one. */
  readonly paths: readonly string[];
  /** No video packets any more, while RTCP goes on. */
  readonly frozen: boolean;
  /** How far its clock is ahead, in ms; negative: behind. */
  readonly clockAhead: number;
  /** Every DESCRIBE is answered 404. */
  readonly notFound: boolean;
  /** Connections are accepted and never answered. */
  readonly silent: boolean;
  /** How long each answer takes, in ms. */
  readonly answerDelay: number;
  /** The share of requests that are swallowed, 0 to 1. */
  readonly loss: number;
  /** Connections are refused: nothing listens. */
  readonly refuse: boolean;
}

/** A request that a camera got; what a client offered stands in it as it came. */
export interface RequestRecord {
  readonly type: "request";
  /** Epoch ms. */
  readonly at: number;
  readonly protocol: "rtsp" | "onvif" | "discovery";
  readonly method: string;
  readonly url: string;
  /** `address:port` of the client. */
  readonly peer: string;
  /** Status that was answered; 0 where none was. */
  readonly status: number;
  /** The client's Authorization header or WS-Security token; undefined where it offered none. */
  readonly offered: string | undefined;
  /** The client's User-Agent header. */
  readonly agent: string | undefined;
}

/** What a camera's program says on its standard output, a line each. */
export type CameraEvent =
  | RequestRecord
  | { readonly type: "connection"; readonly at: number; readonly peer: string }
  | { readonly type: "done"; readonly id: number };

/** What a camera's program is told on its standard input, a line each; answered by `done` with its id. */
export type CameraCommand =
  | { readonly id: number; readonly do: "set"; readonly behaviour: Partial<Behaviour> }
  /** Ends all sessions and listens no more: with FIN as a program that is stopped, or `silently` as one that lost its power. */
  | { readonly id: number; readonly do: "down"; readonly silently: boolean }
  /** Listens again, at whatever address there is now; joins WS-Discovery's group again and says Hello. */
  | { readonly id: number; readonly do: "up" };

/** How a camera's program is started: one JSON argument but for the password, which comes by `set`. */
export interface CameraSettings {
  readonly rtspPort: number;
  /** 0: no ONVIF. */
  readonly onvifPort: number;
  /** Answers WS-Discovery. */
  readonly discovery: boolean;
  /** The endpoint reference: `urn:uuid:…`. */
  readonly endpoint: string;
  readonly model: string;
  readonly clip: string;
}

/** What a camera does unless told otherwise. */
export const soundBehaviour: Omit<Behaviour, "user" | "password" | "realm"> = {
  auth: "digest",
  admitAnyone: false,
  paths: ["/main"],
  frozen: false,
  clockAhead: 0,
  notFound: false,
  silent: false,
  answerDelay: 0,
  loss: 0,
  refuse: false,
};
