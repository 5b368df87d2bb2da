/** Verdicts on before-callbacks: Tencent's answers. */

const allow = () => ({ ActionStatus: "OK", ErrorCode: 0, ErrorInfo: "" });

/**
 * @param {number} code
 * @param {string} text
 */
const refuse = (code, text = "") => ({ ActionStatus: "OK", ErrorCode: code, ErrorInfo: text });

/** @param {object} body */
const rewrite = (body) => ({ ...allow(), ...body });

exports.allow = allow;
exports.verdict = /** @type {typeof import("./index.d.cts").verdict} */ ({ allow, refuse, rewrite });
