/** Requests that are no deliveries. */

class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

exports.Refusal = Refusal;
