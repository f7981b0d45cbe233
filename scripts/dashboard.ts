/**
 * Writes the Grafana dashboard, deploy/monitoring/dashboard.json: `node scripts/dashboard.ts`. The panels are listed
 * here, since a thousand lines of JSON cannot be reviewed; a test checks that the file equals this output.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly type: 'stat' | 'timeseries' | 'heatmap';
  readonly unit: string;
  readonly width: number;
  /** Expression and legend of each series. */
  readonly series: readonly (readonly [expr: string, legend: string])[];
  /** The value from which the panel is red. */
  readonly limit?: number;
}

const ON = 'instance=~"$instance"';
const HEIGHT = 8;
const COLUMNS = 24;

const PANELS: readonly Panel[] = [
  {
    title: 'Nodes with an agent',
    description: 'Agents that answer. Without one, traffic continues, but changes do not reach the node.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [['sum(up{job="switchboard"})', 'agents']],
  },
  {
    title: 'Oldest change not in a kernel',
    description: 'The lag of the slowest node. Above a few seconds, traffic may go to deleted pods.',
    type: 'stat',
    unit: 's',
    width: 6,
    series: [[`max(switchboard_oldest_unprogrammed_change_seconds{${ON}})`, 'seconds']],
    limit: 30,
  },
  {
    title: 'Service ports, endpoints',
    description: 'On one node; all nodes have the same, except for IP families.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [
      [`max(switchboard_routes{${ON}})`, 'ports'],
      [`max(switchboard_endpoints{${ON}})`, 'endpoints'],
    ],
  },
  {
    title: 'Rejected and repaired',
    description: 'Transactions that the kernel rejected, and repairs after changes by other programs, per day.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [
      [`sum(increase(kubeproxy_sync_proxy_rules_nftables_sync_failures_total{${ON}}[1d]))`, 'rejected'],
      [`sum(increase(switchboard_repairs_total{${ON}}[1d]))`, 'repaired'],
    ],
    limit: 1,
  },
  {
    title: 'Network programming latency',
    description: 'From the change of a pod to the kernel, including the rest of the cluster (a Kubernetes SLI).',
    type: 'timeseries',
    unit: 's',
    width: 12,
    series: ['0.5', '0.99'].map(q => [
      `histogram_quantile(${q}, sum by (le) (rate(kubeproxy_network_programming_duration_seconds_bucket{${ON}}[5m])))`,
      `p${Number(q) * 100}`,
    ]),
  },
  {
    title: 'Transaction duration',
    description: 'From the changes to the kernel, in this agent alone.',
    type: 'timeseries',
    unit: 's',
    width: 12,
    series: ['0.5', '0.99'].map(q => [
      `histogram_quantile(${q}, sum by (le) (rate(kubeproxy_sync_proxy_rules_duration_seconds_bucket{${ON}}[5m])))`,
      `p${Number(q) * 100}`,
    ]),
  },
  {
    title: 'Incoming changes',
    description: 'Services, once for each IP family, and EndpointSlices.',
    type: 'timeseries',
    unit: 'ops',
    width: 12,
    series: [
      [`sum(rate(kubeproxy_sync_proxy_rules_endpoint_changes_total{${ON}}[5m]))`, 'slices'],
      [`sum(rate(kubeproxy_sync_proxy_rules_service_changes_total{${ON}}[5m]))`, 'Services'],
    ],
  },
  {
    title: 'Pending Services',
    description: 'Services with changes that are not in the kernel yet.',
    type: 'timeseries',
    unit: 'none',
    width: 12,
    series: [[`max by (instance) (switchboard_pending_services{${ON}})`, '{{instance}}']],
  },
  {
    title: 'Ports with policy Local and no endpoint on the node',
    description:
      'Connections to them are dropped. Normal for Services that load balancers check by healthCheckNodePort.',
    type: 'timeseries',
    unit: 'none',
    width: 12,
    series: [
      [
        `sum by (instance, traffic_policy) (kubeproxy_sync_proxy_rules_no_local_endpoints_total{${ON}})`,
        '{{instance}} {{traffic_policy}}',
      ],
    ],
  },
  {
    title: 'Responses of /healthz other than 200',
    description: 'Load balancers remove a node with these responses.',
    type: 'timeseries',
    unit: 'ops',
    width: 12,
    series: [
      [`sum by (instance, code) (rate(kubeproxy_proxy_healthz_total{${ON},code!="200"}[5m]))`, '{{instance}} {{code}}'],
    ],
  },
];

/** The text of the file. */
export function dashboard(): string {
  let x = 0;
  let y = 0;
  const panels = PANELS.map((panel, index) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      y += HEIGHT;
    }
    const gridPos = { h: HEIGHT, w: panel.width, x, y };
    x += panel.width;
    return panelOf(panel, index + 1, gridPos);
  });
  const instance = {
    name: 'instance',
    type: 'query',
    datasource: DATASOURCE,
    query: { query: 'label_values(switchboard_routes, instance)', refId: 'instance' },
    includeAll: true,
    multi: true,
    current: { text: 'All', value: '$__all' },
    refresh: 2,
  };
  const source = { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' };
  const board = {
    title: 'Switchboard',
    uid: 'switchboard',
    tags: ['kubernetes', 'networking'],
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [source, instance] },
    panels,
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

function panelOf(panel: Panel, id: number, gridPos: object) {
  const { title, description, type, unit, series, limit } = panel;
  const steps = [{ color: 'green', value: null }, ...(limit === undefined ? [] : [{ color: 'red', value: limit }])];
  return {
    id,
    title,
    description,
    type,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    options: type === 'stat' ? { colorMode: 'value', reduceOptions: { calcs: ['lastNotNull'] } } : {},
    targets: series.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(import.meta.dirname, '../deploy/monitoring/dashboard.json'), dashboard());
}
