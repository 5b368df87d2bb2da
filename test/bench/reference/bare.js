/** The least that a Worker can do with a callback: read it and answer. */
export default {
  async fetch(request) {
    await request.arrayBuffer();
    return new Response('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}', {
      headers: { "content-type": "application/json" },
    });
  },
};
