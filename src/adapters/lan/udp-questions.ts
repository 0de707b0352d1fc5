import { createSocket, type Socket } from "node:dgram";
import { networkSize, numberToIp, parseIp, type IpAddress } from "../../domain/addresses.ts";
import type { Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Datagrams, UdpQuestion } from "../../ports/datagrams.ts";
import type { ScanInterface } from "../../ports/search.ts";

/** More answers than a household has devices: the rest is not read. */
const MOST_ANSWERS = 256;

/** Asks by plain UDP sockets. Needs no privilege. */
export class UdpQuestions implements Datagrams {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ask<Answer>(address: IpAddress, question: UdpQuestion<Answer>, within: Duration, signal: AbortSignal): Promise<Answer | undefined> {
    signal.throwIfAborted();
    const over = new AbortController();
    const deadline = this.#clock.deadline("udp question", within, AbortSignal.any([signal, over.signal]));
    try {
      const asked = question.ports.map((port) => this.#askPort(address, port, question, deadline));
      const answer = await firstAnswer(asked);
      signal.throwIfAborted();
      return answer;
    } finally {
      over.abort();
    }
  }

  async askNetwork<Answer>(
    on: ScanInterface,
    question: UdpQuestion<Answer>,
    within: Duration,
    onAnswer: (answer: Answer, from: IpAddress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const deadline = this.#clock.deadline("udp broadcast", within, signal);
    const everybody = numberToIp(on.network.base + networkSize(on.network) - 1);
    const socket = createSocket("udp4");
    const { promise, resolve } = Promise.withResolvers<void>();
    let answers = 0;
    // The interface went, or broadcasting is not allowed: nobody can answer.
    socket.on("error", () => resolve());
    socket.on("message", (bytes, sender) => {
      const from = parseIp(sender.address);
      const answer = from === undefined ? undefined : question.read(bytes);
      if (from === undefined || answer === undefined || from === on.address) return;
      answers += 1;
      if (answers > MOST_ANSWERS) resolve();
      else onAnswer(answer, from);
    });
    deadline.addEventListener("abort", () => resolve(), { once: true });
    socket.bind({ port: 0, address: on.address, exclusive: true }, () => {
      socket.setBroadcast(true);
      this.#repeat(question, (port, message) => send(socket, message, port, everybody), deadline);
    });
    await promise;
    socket.close();
    signal.throwIfAborted();
  }

  /** A connected socket: an ICMP error tells at once that nobody listens, and packets of others are dropped by the kernel. */
  #askPort<Answer>(address: IpAddress, port: number, question: UdpQuestion<Answer>, deadline: AbortSignal): Promise<Answer | undefined> {
    const socket = createSocket("udp4");
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const ended = new AbortController();
    const end = (answer: Answer | undefined): void => {
      if (ended.signal.aborted) return;
      ended.abort();
      socket.close();
      resolve(answer);
    };
    const giveUp = (): void => end(undefined);
    socket.on("error", giveUp);
    socket.on("message", (bytes) => {
      const answer = question.read(bytes);
      if (answer !== undefined) end(answer);
    });
    if (deadline.aborted) end(undefined);
    else {
      deadline.addEventListener("abort", giveUp, { once: true, signal: ended.signal });
      const either = AbortSignal.any([deadline, ended.signal]);
      socket.connect(port, address, (error?: Error | null) => {
        if (error !== undefined && error !== null) end(undefined);
        else if (!ended.signal.aborted)
          this.#repeat({ ...question, ports: [port] }, (_port, message) => sendConnected(socket, message, giveUp), either);
      });
    }
    return promise;
  }

  #repeat<Answer>(question: UdpQuestion<Answer>, ask: (port: number, message: Uint8Array) => void, until: AbortSignal): void {
    const { message, also } = question;
    const messages = also === undefined ? [message] : [message, also];
    const round = async (): Promise<void> => {
      while (!until.aborted) {
        for (const port of question.ports) for (const one of messages) ask(port, one);
        await this.#clock.wait("next udp question", question.again, until);
      }
    };
    // It ends by the abort of `until` alone.
    round().catch(() => undefined);
  }
}

/** A datagram that could not leave is one that is not answered. */
function send(socket: Socket, message: Uint8Array, port: number, to: string): void {
  try {
    socket.send(message, port, to, () => undefined);
  } catch {
    // The socket has just been closed.
  }
}

/** The kernel gives an ICMP error to whatever is done next with the socket, so that may be the sending of another message. */
function sendConnected(socket: Socket, message: Uint8Array, onRefused: () => void): void {
  try {
    socket.send(message, (error) => {
      if (error !== null && "code" in error && error.code === "ECONNREFUSED") onRefused();
    });
  } catch {
    // The socket has just been closed.
  }
}

/** The first answer that there is; undefined where none of them is one. */
async function firstAnswer<Answer>(asked: readonly Promise<Answer | undefined>[]): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  for (const one of asked)
    one.then(
      (answer) => answer !== undefined && resolve(answer),
      () => undefined,
    );
  Promise.allSettled(asked).then(
    () => resolve(undefined),
    () => undefined,
  );
  return promise;
}
