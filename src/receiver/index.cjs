/**
 * The functions for receivers. The files are CommonJS, which `import` and `require` both load, and plain JavaScript,
 * because Node strips no types below node_modules. They need nothing but the web's standard objects.
 */
exports.commands = require("./commands.cjs").commands;
exports.isEvent = require("./events.cjs").isEvent;
exports.parseExactly = require("./exact.cjs").parseExactly;
exports.memoryStore = require("./memory-store.cjs").memoryStore;
exports.listener = require("./node.cjs").listener;
exports.receive = require("./receive.cjs").receive;
exports.receiver = require("./receive.cjs").receiver;
exports.Refusal = require("./refusal.cjs").Refusal;
exports.verdict = require("./verdict.cjs").verdict;
exports.verify = require("./verify.cjs").verify;
