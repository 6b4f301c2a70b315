/* Validation of DestinationRules. */
#include "validate/dr_internal.h"

static void non_negative(struct val *v, const char *path, int32_t n, const char *what)
{
	if (n < 0)
		val_error(v, path, "%s must be non-negative", what);
}

static void check_pool(struct val *v, const char *path, const struct istio_connection_pool_settings *p)
{
	const struct istio_connection_pool_settings_http_settings *h;

	if (!p)
		return;
	if (!p->tcp && !p->http)
		val_error(v, path, "connection pool must have at least one field");
	if (p->tcp) {
		non_negative(v, path, p->tcp->max_connections, "max connections");
		val_duration(v, val_path(v, "%s.tcp.connectTimeout", path), p->tcp->connect_timeout);
		val_duration(v, val_path(v, "%s.tcp.maxConnectionDuration", path), p->tcp->max_connection_duration);
	}
	h = p->http;
	if (!h)
		return;
	non_negative(v, path, h->http1_max_pending_requests, "http1 max pending requests");
	non_negative(v, path, h->http2_max_requests, "http2 max requests");
	non_negative(v, path, h->max_requests_per_connection, "max requests per connection");
	non_negative(v, path, h->max_retries, "max retries");
	val_duration(v, val_path(v, "%s.http.idleTimeout", path), h->idle_timeout);
	if (h->use_client_protocol &&
	    h->h2_upgrade_policy == ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_UPGRADE)
		val_error(v, path, "use client protocol must not be true when H2UpgradePolicy is UPGRADE");
}

static void check_outlier(struct val *v, const char *path, const struct istio_outlier_detection *o)
{
	if (!o)
		return;
	val_duration(v, val_path(v, "%s.interval", path), o->interval);
	val_duration(v, val_path(v, "%s.baseEjectionTime", path), o->base_ejection_time);
	val_percent(v, val_path(v, "%s.maxEjectionPercent", path), o->max_ejection_percent);
	val_percent(v, val_path(v, "%s.minHealthPercent", path), o->min_health_percent);
	if (o->consecutive_errors)
		val_warn(v, val_path(v, "%s.consecutiveErrors", path),
			 "outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or "
			 "consecutive5xxErrors instead");
	if (o->consecutive_local_origin_failures && *o->consecutive_local_origin_failures &&
	    !o->split_external_local_origin_errors)
		val_error(v, path,
			  "outlier detection consecutive local origin failures is specified, but split external local "
			  "origin errors is set to false");
}

static void check_lb(struct val *v, const char *path, const struct istio_load_balancer_settings *lb, bool outlier)
{
	const struct istio_load_balancer_settings_consistent_hash_lb *h = lb ? lb->consistent_hash : NULL;

	if (!lb)
		return;
	val_locality(v, val_path(v, "%s.localityLbSetting", path), lb->locality_lb_setting, outlier);
	if (!h)
		return;
	if (h->http_cookie && !val_set(h->http_cookie->name))
		val_error(v, val_path(v, "%s.consistentHash.httpCookie", path), "name required for HttpCookie");
	if (h->minimum_ring_size)
		val_warn(v, val_path(v, "%s.consistentHash.minimumRingSize", path),
			 "minimumRingSize is deprecated; use ringHash.minimumRingSize");
	if ((h->minimum_ring_size && (h->ring_hash || h->maglev)) || (h->ring_hash && h->maglev))
		val_error(v, path, "only one of MinimumRingSize or Maglev/Ringhash can be specified");
}

/* Whoever skips verification needs nothing to verify with. */
static void check_unverified(struct val *v, const char *path, const struct istio_client_tls_settings *t)
{
	const bool simple = t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE;
	const bool mutual = t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL;

	if (!t->insecure_skip_verify || !*t->insecure_skip_verify)
		return;
	if ((simple && (val_set(t->ca_certificates) || val_set(t->credential_name) || t->subject_alt_names.n)) ||
	    (mutual && (val_set(t->ca_certificates) || t->subject_alt_names.n)))
		val_error(
			v, path,
			"cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is "
			"set true");
}

static void check_tls(struct val *v, const char *path, const struct istio_client_tls_settings *t)
{
	const bool simple = t && t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE;
	const bool mutual = t && t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL;

	if (!t)
		return;
	check_unverified(v, path, t);
	if ((simple || mutual) && val_set(t->credential_name)) {
		if (val_set(t->client_certificate) || val_set(t->private_key) || val_set(t->ca_certificates))
			val_error(v, path,
				  "cannot specify client certificates or CA certificate If credentialName is set");
		return;
	}
	if (mutual && !val_set(t->client_certificate))
		val_error(v, path, "client certificate required for mutual tls");
	if (mutual && !val_set(t->private_key))
		val_error(v, path, "private key required for mutual tls");
}

static void check_tunnel(struct val *v, const char *path, const struct istio_traffic_policy_tunnel_settings *t)
{
	if (!t)
		return;
	if (val_set(t->protocol) && strcmp(t->protocol, "CONNECT") != 0 && strcmp(t->protocol, "POST") != 0)
		val_error(v, val_path(v, "%s.protocol", path), "tunnel protocol must be \"CONNECT\" or \"POST\"");
	if (!val_is_fqdn(t->target_host) && !val_is_ip(t->target_host))
		val_error(v, val_path(v, "%s.targetHost", path), "\"%s\" is neither the name of a host nor an address",
			  t->target_host ? t->target_host : "");
	if (t->target_port < 1 || t->target_port > 65535)
		val_error(v, val_path(v, "%s.targetPort", path), "tunnel target port is invalid: %u", t->target_port);
}

static void check_retry_budget(struct val *v, const char *path, const struct istio_traffic_policy_retry_budget *r)
{
	if (r && r->percent && !(*r->percent >= 0 && *r->percent <= 100))
		val_error(v, val_path(v, "%s.percent", path), "retry budget percent must be in range 0..100");
}

static void check_policy(struct val *v, const char *path, const struct istio_traffic_policy *t)
{
	if (!t)
		return;
	if (!t->load_balancer && !t->connection_pool && !t->outlier_detection && !t->tls && !t->port_level_settings.n &&
	    !t->tunnel && !t->retry_budget)
		val_error(v, path, "traffic policy must have at least one field");
	check_pool(v, val_path(v, "%s.connectionPool", path), t->connection_pool);
	check_outlier(v, val_path(v, "%s.outlierDetection", path), t->outlier_detection);
	check_lb(v, val_path(v, "%s.loadBalancer", path), t->load_balancer, t->outlier_detection);
	check_tls(v, val_path(v, "%s.tls", path), t->tls);
	check_tunnel(v, val_path(v, "%s.tunnel", path), t->tunnel);
	check_retry_budget(v, val_path(v, "%s.retryBudget", path), t->retry_budget);
	for (size_t i = 0; i < t->port_level_settings.n; i++) {
		const struct istio_traffic_policy_port_traffic_policy *p = &t->port_level_settings.v[i];
		const char *at = val_path(v, "%s.portLevelSettings[%zu]", path, i);

		if (!p->port || !p->port->number)
			val_error(v, at, "portTrafficPolicy must have valid port");
		else
			val_port(v, val_path(v, "%s.port.number", at), p->port->number);
		if (!p->load_balancer && !p->connection_pool && !p->outlier_detection && !p->tls)
			val_error(v, at, "port traffic policy must have at least one field");
		check_pool(v, val_path(v, "%s.connectionPool", at), p->connection_pool);
		check_outlier(v, val_path(v, "%s.outlierDetection", at), p->outlier_detection);
		check_lb(v, val_path(v, "%s.loadBalancer", at), p->load_balancer, p->outlier_detection);
		check_tls(v, val_path(v, "%s.tls", at), p->tls);
	}
}

static void check_subset(struct val *v, const char *path, const struct istio_subset *s)
{
	if (!val_is_label(s->name))
		val_error(v, path, "subset name is invalid: %s", s->name ? s->name : "");
	val_labels(v, val_path(v, "%s.labels", path), &s->labels);
	check_policy(v, val_path(v, "%s.trafficPolicy", path), s->traffic_policy);
}

static void check_scope(struct val *v, const struct istio_destination_rule_spec *spec, const char *ns)
{
	if (!spec->workload_selector || !spec->export_to.n)
		return;
	if (spec->export_to.n > 1)
		val_error(v, "spec.exportTo",
			  "destination rule with workload selector cannot have multiple entries in exportTo");
	else if (strcmp(spec->export_to.v[0], ".") != 0 && strcmp(spec->export_to.v[0], ns) != 0)
		val_error(v, "spec.exportTo",
			  "destination rule with workload selector cannot have exportTo beyond current namespace");
}

void val_destination_rule(struct val *v, const struct api_object *o)
{
	const struct istio_destination_rule_spec *spec = API_VALUE(o, destination_rule, istio_destination_rule)->spec;

	if (!spec || !val_set(spec->host)) {
		val_error(v, "spec.host", "empty domain name not allowed");
		return;
	}
	val_domain(v, "spec.host", spec->host);
	check_policy(v, "spec.trafficPolicy", spec->traffic_policy);
	for (size_t i = 0; i < spec->subsets.n; i++)
		check_subset(v, val_path(v, "spec.subsets[%zu]", i), &spec->subsets.v[i]);
	val_export_to(v, spec->export_to.v, spec->export_to.n, api_object_namespace(o), false);
	check_scope(v, spec, api_object_namespace(o));
	val_selector(v, "spec.workloadSelector",
		     spec->workload_selector ? &spec->workload_selector->match_labels : NULL);
}
