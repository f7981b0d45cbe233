/**
 * Writes the Grafana dashboard, deploy/monitoring/dashboard.json: `node scripts/dashboard.ts`. A list of panels is kept
 * here, since nobody can review a thousand lines of JSON; a test holds that the file is what this prints.
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
  /** Red from here on. */
  readonly limit?: number;
}

const ON = 'instance=~"$instance"';
const HEIGHT = 8;
const COLUMNS = 24;

const PANELS: readonly Panel[] = [
  {
    title: 'Nodes with an agent',
    description: 'Agents that answer. Traffic goes on without one; changes are not followed.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [['sum(up{job="switchboard"})', 'agents']],
  },
  {
    title: 'Oldest change not in a kernel',
    description:
      'How far the node that is farthest behind lags. Above some seconds traffic goes to pods that are gone.',
    type: 'stat',
    unit: 's',
    width: 6,
    series: [[`max(switchboard_oldest_unprogrammed_change_seconds{${ON}})`, 'seconds']],
    limit: 30,
  },
  {
    title: 'Service ports, endpoints',
    description: 'Of one node; every node has the same, but for the families it knows.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [
      [`max(switchboard_routes{${ON}})`, 'ports'],
      [`max(switchboard_endpoints{${ON}})`, 'endpoints'],
    ],
  },
  {
    title: 'Refused and mended',
    description: 'Transactions that the kernel refused, and times that somebody else changed the rules, within a day.',
    type: 'stat',
    unit: 'none',
    width: 6,
    series: [
      [`sum(increase(kubeproxy_sync_proxy_rules_nftables_sync_failures_total{${ON}}[1d]))`, 'refused'],
      [`sum(increase(switchboard_repairs_total{${ON}}[1d]))`, 'mended'],
    ],
    limit: 1,
  },
  {
    title: 'Network programming latency',
    description: 'From the change of a pod to the kernel, all parts of the cluster included (a Kubernetes SLI).',
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
    description: 'From the changes to the kernel, this agent alone.',
    type: 'timeseries',
    unit: 's',
    width: 12,
    series: ['0.5', '0.99'].map(q => [
      `histogram_quantile(${q}, sum by (le) (rate(kubeproxy_sync_proxy_rules_duration_seconds_bucket{${ON}}[5m])))`,
      `p${Number(q) * 100}`,
    ]),
  },
  {
    title: 'Changes that come in',
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
    title: 'Services that wait',
    description: 'With changes that are not in the kernel yet.',
    type: 'timeseries',
    unit: 'none',
    width: 12,
    series: [[`max by (instance) (switchboard_pending_services{${ON}})`, '{{instance}}']],
  },
  {
    title: 'Ports with policy Local and no endpoint on the node',
    description:
      'What is dialled there is dropped. Usual for Services that load balancers check by healthCheckNodePort.',
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
    title: 'Answers of /healthz that were not 200',
    description: 'A node that says so is taken out of load balancers.',
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
