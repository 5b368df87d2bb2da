/** Deliveries: verified, read, and each event handled once. */
const { eventsOf } = require("./events.cjs");
const { Refusal } = require("./refusal.cjs");
const { allow } = require("./verdict.cjs");
const { secretsOf, verify } = require("./verify.cjs");

/** The answer to it decides: it is asked anew each time, and an event of the same id may come to be kept. */
const isQuestion = /** @param {string} type */ (type) =>
  /\.Callback(?:Before|Prev)\w*$/.test(type) || type === "Chatbot.OnC2CSignalMessage";

/** @type {typeof import("./index.d.cts").receive} */
async function receive(request, { store, ...options }) {
  const { text, ...delivery } = await verify(request, options);
  const events = [];
  for (const event of eventsOf(text))
    if (!store || isQuestion(event.type) || !(await store.has(event.id))) events.push(event);
  return { ...delivery, events };
}

// biome-ignore lint/suspicious/noConsole: errors of handlers must not be lost where no `log` is given
const print = /** @param {unknown} error */ (error) => console.error(error);

/** @type {typeof import("./index.d.cts").receiver} */
function receiver({ on, log = print, ...options }) {
  secretsOf(options.secret);
  return async (request) => {
    try {
      const { events } = await receive(request, options);
      const answers = [];
      for (const event of events) {
        answers.push(await handlerOf(on, event)?.(/** @type {never} */ (event)));
        await options.store?.add(event.id);
      }
      const [answer] = answers;
      return Response.json(answers.length === 1 && answer ? answer : allow());
    } catch (error) {
      if (error instanceof Refusal) return Response.json({ error: error.message }, { status: error.status });
      log(error);
      return Response.json({ error: "the event could not be handled" }, { status: 500 });
    }
  };
}

/**
 * @param {Parameters<typeof import("./index.d.cts").receiver>[0]["on"]} on
 * @param {import("./index.d.cts").Event} event
 */
function handlerOf(on, event) {
  if (typeof on === "function") return on;
  return Object.hasOwn(on, event.type) ? on[event.type] : on["*"];
}

exports.receive = receive;
exports.receiver = receiver;
