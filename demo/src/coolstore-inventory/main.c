/*
 * Inventory: how many of each product are in stock, and where. GET /services/inventory gives it as JSON, / as a page.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/flags.h"
#include "database.h"
#include "server.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS inventory (item_id text PRIMARY KEY, location text NOT NULL, quantity integer NOT "
	"NULL);"
	"INSERT INTO inventory VALUES ('329299', 'Raleigh', 736), ('329199', 'Boston', 512), ('165613', 'Seoul', 256),"
	" ('165614', 'Singapore', 54), ('165954', 'London', 87), ('444434', 'New York', 443), ('444435', 'Paris', 600),"
	" ('444436', 'Tokyo', 230) ON CONFLICT (item_id) DO NOTHING;";

static PGresult *select_all(struct response *res)
{
	struct err e = ERR_INIT;
	PGresult *r = database_query("SELECT item_id, location, quantity FROM inventory ORDER BY item_id", NULL, 0, &e);

	if (!r)
		respond_error(res, 503, e.msg);
	return r;
}

static void get_inventory(const struct request *req, struct response *res)
{
	PGresult *r = select_all(res);
	cJSON *list;
	char *text;

	(void)req;
	if (!r)
		return;
	list = cJSON_CreateArray();
	for (int i = 0; i < PQntuples(r); i++) {
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "itemId", PQgetvalue(r, i, 0));
		cJSON_AddStringToObject(item, "location", PQgetvalue(r, i, 1));
		cJSON_AddNumberToObject(item, "quantity", atoi(PQgetvalue(r, i, 2)));
		cJSON_AddItemToArray(list, item);
	}
	text = cJSON_PrintUnformatted(list);
	buf_append_str(&res->body, text ? text : "[]");
	cJSON_free(text);
	cJSON_Delete(list);
	PQclear(r);
}

static void get_page(const struct request *req, struct response *res)
{
	PGresult *r = select_all(res);

	(void)req;
	if (!r)
		return;
	res->type = "text/html; charset=utf-8";
	buf_append_str(&res->body, "<!doctype html><title>CoolStore Inventory</title><style>body{font:16px sans-serif;"
				   "margin:2em}td,th{padding:.3em 1em;text-align:left;border-bottom:1px solid #ccc}"
				   "</style><h1>CoolStore Inventory</h1><p>Status: <b>OK</b></p>"
				   "<table><tr><th>Item<th>Location<th>Quantity</tr>");
	for (int i = 0; i < PQntuples(r); i++) {
		buf_append_str(&res->body, "<tr>");
		for (int column = 0; column < 3; column++) {
			buf_append_str(&res->body, "<td>");
			html_append(&res->body, PQgetvalue(r, i, column));
		}
		buf_append_str(&res->body, "</tr>");
	}
	buf_append_str(&res->body, "</table>");
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
	{"/services/inventory", get_inventory},
	{"/health/ready", get_ready},
	{"/", get_page},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	static const struct flags_program program = {"coolstore-inventory", "", "Coolstore: what is in stock.", NULL,
						     0};
	struct flags f = flags_begin(&program, argc, argv);

	if (flags_next(&f) == FLAGS_EXIT)
		return f.status;
	database_init();
	database_prepare(schema);
	return server_run("inventory", handlers);
}
