/** Loads a Worker of its bindings anew for every name that a path has: `/bare/17` is *bare*, in its 17th isolate. */
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    const [, worker, name] = url.pathname.split("/");
    const fresh = env.LOADER.get(`${worker} ${name}`, () => ({ ...env[worker], globalOutbound: null }));
    return fresh.getEntrypoint().fetch(new Request(new URL(`/${url.search}`, url), request));
  },
};
