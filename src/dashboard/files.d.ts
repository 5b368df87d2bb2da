/** The build puts styles into a file beside the script. */
declare module "*.css";
