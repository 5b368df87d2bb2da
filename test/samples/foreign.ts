/** Commands of other programs, with the reason why no test runs them. Any other command of theirs is a mistake. */
export interface Foreign {
  /** All commands of these programs. */
  programs: readonly string[];
  /** The forms that documents may show. */
  forms: readonly RegExp[];
  reason: string;
}

export const foreign: readonly Foreign[] = [
  {
    programs: ["systemctl", "journalctl"],
    forms: [/^systemctl (enable --now|restart|stop|start) tim-relay$/, /^journalctl -u tim-relay -f$/],
    reason: "they need a host whose first process is systemd; the unit itself is verified by a test",
  },
  {
    programs: ["podman", "docker"],
    forms: [
      /^(podman|docker) build -t tim-relay -f Containerfile \.$/,
      /^(podman|docker) run -d --name tim-relay( (--env-file|-p|-v) \S+)+ tim-relay$/,
      /^(podman|docker) (stop|logs) tim-relay$/,
    ],
    reason: "an image needs a registry; what the container file starts is compared with the unit by a test",
  },
  {
    programs: ["rclone", "find", "zcat", "jq"],
    forms: [/^rclone copy r2:/, /^find \. -name "\*\.gz" -exec zcat/, /^jq -c 'select\(/],
    reason: "they read a bucket of R2, which needs an account",
  },
];
