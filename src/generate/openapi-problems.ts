/** The problems of an OpenAPI document, by Redocly's rules. https://redocly.com/docs/cli/rules/recommended */
import { createConfig, lintFromString } from "@redocly/openapi-core";

/** A sentence for each problem, warnings included. */
export async function openApiProblems(document: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source: document, absoluteRef: "openapi.json", config });
  return problems.map(({ ruleId, message, location }) => `${location[0]?.pointer}: ${message} (${ruleId})`);
}
