/** This release: the version in package.json, by name, so that the bundler leaves out the rest of that file. */
export { version } from "../package.json";
