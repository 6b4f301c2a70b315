/*
 * Catalog: the products of the store. GET /services/products and /services/product?id= give JSON, / a page. Every
 * answer asks the inventory service for quantities and tells in "inventoryStatus" whether it answered (OK) or not
 * (DEAD).
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/flags.h"
#include "base/log.h"
#include "database.h"
#include "pool.h"
#include "server.h"

#define INVENTORY_TIMEOUT_S 15L
#define INVENTORY_BODY_MAX (1 << 20)

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS product (item_id text PRIMARY KEY, name text NOT NULL, description text NOT NULL,"
	" price numeric(10,2) NOT NULL);"
	"INSERT INTO product VALUES ('329299', 'Red Fedora', 'A felt hat in the right colour', 34.99),"
	" ('329199', 'Forge Laptop Sticker', 'Sticks to lids of all sizes', 8.50),"
	" ('165613', 'Solid Performance Polo', 'Keeps its shape at full load', 17.80),"
	" ('165614', 'Ogio Caliber Polo', 'Light fabric that dries fast', 28.75),"
	" ('165954', '16 oz. Vortex Tumbler', 'Holds coffee for a night shift', 6.00),"
	" ('444434', 'Pebble Smart Watch', 'Tells the time, and that you were paged', 24.00),"
	" ('444435', 'Oculus Rift', 'To look elsewhere for a while', 106.00),"
	" ('444436', 'Lytro Camera', 'Focus later, shoot first', 44.30) ON CONFLICT (item_id) DO NOTHING;";

static struct pool *clients;
static const char *inventory_url;

static void *make_client(void *arg)
{
	(void)arg;
	return curl_easy_init();
}

static void drop_client(void *object)
{
	curl_easy_cleanup(object);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	return buf_try_append(arg, bytes, size * n, INVENTORY_BODY_MAX) < 0 ? 0 : size * n;
}

/* The list with one more field; value NULL: as it was. */
static struct curl_slist *add_field(struct curl_slist *list, const char *name, const char *value)
{
	CLEANUP(buf_done) struct buf field = BUF_INIT;
	struct curl_slist *longer;

	if (!value)
		return list;
	buf_printf(&field, "%s: %s", name, value);
	longer = curl_slist_append(list, buf_str(&field));
	return longer ? longer : list;
}

/* The inventory's answer, or NULL when it gave none within the time, or an error. */
static cJSON *ask_inventory(const struct request *req)
{
	CURL *c = pool_get(clients);
	struct curl_slist *fields = NULL;
	struct buf body = BUF_INIT;
	cJSON *list = NULL;
	long status = 0;
	CURLcode r;

	if (!c)
		return NULL;
	for (size_t i = 0; i < TRACE_HEADERS; i++)
		fields = add_field(fields, trace_headers[i], req->trace[i]);
	curl_easy_setopt(c, CURLOPT_URL, inventory_url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, INVENTORY_TIMEOUT_S);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
	r = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (r == CURLE_OK && status == 200)
		list = cJSON_ParseWithLength(body.ptr, body.len);
	else
		log_warn("catalog", "inventory is dead: %s, status %ld", curl_easy_strerror(r), status);
	buf_done(&body);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(fields);
	pool_put(clients, c, r != CURLE_OK);
	return list;
}

/* The quantity of an item in the inventory's answer, or -1. */
static int quantity_of(const cJSON *inventory, const char *item_id)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, inventory)
	{
		const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(item, "itemId"));

		if (id && strcmp(id, item_id) == 0)
			return (int)cJSON_GetNumberValue(cJSON_GetObjectItem(item, "quantity"));
	}
	return -1;
}

static cJSON *product_json(PGresult *r, int row, const cJSON *inventory)
{
	cJSON *o = cJSON_CreateObject();
	int quantity = quantity_of(inventory, PQgetvalue(r, row, 0));

	cJSON_AddStringToObject(o, "itemId", PQgetvalue(r, row, 0));
	cJSON_AddStringToObject(o, "name", PQgetvalue(r, row, 1));
	cJSON_AddStringToObject(o, "desc", PQgetvalue(r, row, 2));
	cJSON_AddRawToObject(o, "price", PQgetvalue(r, row, 3));
	if (quantity >= 0)
		cJSON_AddNumberToObject(o, "quantity", quantity);
	return o;
}

static const char *status_of(const cJSON *inventory)
{
	return inventory ? "OK" : "DEAD";
}

static void respond_json(struct response *res, cJSON *o)
{
	char *text = cJSON_PrintUnformatted(o);

	buf_append_str(&res->body, text ? text : "{}");
	cJSON_free(text);
	cJSON_Delete(o);
}

static PGresult *select_products(const char *id, struct response *res)
{
	const char *const params[] = {id};
	struct err e = ERR_INIT;
	PGresult *r;

	if (id)
		r = database_query("SELECT item_id, name, description, price FROM product WHERE item_id = $1", params,
				   1, &e);
	else
		r = database_query("SELECT item_id, name, description, price FROM product ORDER BY item_id", NULL, 0,
				   &e);
	if (!r)
		respond_error(res, 503, e.msg);
	return r;
}

static void get_products(const struct request *req, struct response *res)
{
	PGresult *r = select_products(NULL, res);
	cJSON *o, *list, *inventory;

	if (!r)
		return;
	inventory = ask_inventory(req);
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "inventoryStatus", status_of(inventory));
	list = cJSON_AddArrayToObject(o, "products");
	for (int i = 0; i < PQntuples(r); i++)
		cJSON_AddItemToArray(list, product_json(r, i, inventory));
	respond_json(res, o);
	cJSON_Delete(inventory);
	PQclear(r);
}

static void get_product(const struct request *req, struct response *res)
{
	cJSON *o, *inventory;
	PGresult *r;

	if (!req->id || !*req->id) {
		respond_error(res, 400, "the query parameter id is missing");
		return;
	}
	r = select_products(req->id, res);
	if (!r)
		return;
	if (PQntuples(r) == 0) {
		respond_error(res, 404, "no product has this id");
		PQclear(r);
		return;
	}
	inventory = ask_inventory(req);
	o = product_json(r, 0, inventory);
	cJSON_AddStringToObject(o, "inventoryStatus", status_of(inventory));
	respond_json(res, o);
	cJSON_Delete(inventory);
	PQclear(r);
}

static void get_page(const struct request *req, struct response *res)
{
	PGresult *r = select_products(NULL, res);
	struct buf *b = &res->body;
	cJSON *inventory;

	if (!r)
		return;
	inventory = ask_inventory(req);
	res->type = "text/html; charset=utf-8";
	buf_printf(
		b,
		"<!doctype html><title>CoolStore</title><style>body{font:16px sans-serif;margin:2em}td,th{padding:.3em "
		"1em;text-align:left;border-bottom:1px solid #ccc}.OK{color:#080}.DEAD{color:#c00}</style>"
		"<h1>CoolStore</h1><p>Status of CoolStore Inventory: <b class=%s>%s</b></p>"
		"<table><tr><th>Item<th>Name<th>Description<th>Price<th>In stock</tr>",
		status_of(inventory), status_of(inventory));
	for (int i = 0; i < PQntuples(r); i++) {
		int quantity = quantity_of(inventory, PQgetvalue(r, i, 0));

		buf_append_str(b, "<tr>");
		for (int column = 0; column < 4; column++) {
			buf_append_str(b, "<td>");
			html_append(b, PQgetvalue(r, i, column));
		}
		if (quantity >= 0)
			buf_printf(b, "<td>%d</tr>", quantity);
		else
			buf_append_str(b, "<td>?</tr>");
	}
	buf_append_str(b, "</table>");
	cJSON_Delete(inventory);
	PQclear(r);
}

static void get_ready(const struct request *req, struct response *res)
{
	struct err e = ERR_INIT;
	PGresult *r = database_query("SELECT 1", NULL, 0, &e);

	(void)req;
	if (!r) {
		respond_error(res, 503, e.msg);
		return;
	}
	buf_append_str(&res->body, "{\"status\":\"UP\"}");
	PQclear(r);
}

static const struct handler handlers[] = {
	{"/services/products", get_products},
	{"/services/product", get_product},
	{"/health/ready", get_ready},
	{"/", get_page},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	static const struct flags_program program = {
		"coolstore-catalog", "", "Coolstore: products and what the inventory says of them.", NULL, 0};
	struct flags f = flags_begin(&program, argc, argv);
	const char *url = getenv("INVENTORY_URL");

	if (flags_next(&f) == FLAGS_EXIT)
		return f.status;
	inventory_url = url && *url ? url : "http://inventory.coolstore-inventory/services/inventory";
	curl_global_init(CURL_GLOBAL_DEFAULT);
	clients = pool_new(make_client, drop_client, NULL);
	database_init();
	database_prepare(schema);
	return server_run("catalog", handlers);
}
