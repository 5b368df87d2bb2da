/** The bindings that wrangler's configuration declares, by which rules are read here as they will be in the Worker. */
import { type BindingKind, standIn } from "../rule/bindings.ts";
import type { WranglerConfig } from "./wrangler-config.ts";

/**
 * Stand-ins by name.
 * @param environment the name that `--env` gives, which inherits bindings of Durable Objects alone; null: none
 */
export function declaredBindings(config: WranglerConfig, environment: string | null): Record<string, object> {
  const own = environment === null ? config : (config.env?.[environment] ?? {});
  const { durable_objects = config.durable_objects } = own;
  const lists: Record<BindingKind, unknown> = {
    service: own.services,
    queue: own.queues?.producers,
    r2: own.r2_buckets,
    kv: own.kv_namespaces,
    objects: durable_objects?.bindings,
  };
  return Object.assign(
    {},
    ...Object.entries(lists).map(([kind, list]) => standIns(kind as BindingKind, namesIn(list))),
  );
}

function namesIn(list: unknown): string[] {
  const entries: readonly Partial<Record<string, unknown>>[] = Array.isArray(list) ? list : [];
  return entries.map(({ name, binding = name }) => String(binding));
}

/** Bindings of this kind where settings are only read. */
export function standIns(kind: BindingKind, names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, standIn(kind)]));
}
