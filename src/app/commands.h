/* commands.h -- what each subcommand does; the table is in cli.c. Each returns the exit code. */
#pragma once
#include "app/cli.h"

int cmd_serve(struct cli *cli);
int cmd_demo(struct cli *cli);
int cmd_migrate(struct cli *cli);
int cmd_schema_diff(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_backup(struct cli *cli);
int cmd_restore(struct cli *cli);
int cmd_user_add(struct cli *cli);
int cmd_user_password(struct cli *cli);
int cmd_token_add(struct cli *cli);
int cmd_import_events(struct cli *cli);
int cmd_import_log(struct cli *cli);
int cmd_export_events(struct cli *cli);
int cmd_forecast_backtest(struct cli *cli);
int cmd_config(struct cli *cli);
int cmd_version(struct cli *cli);
int cmd_help(struct cli *cli);
