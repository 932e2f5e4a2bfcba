# makes: a private SQL Server with one serverless database, without passwords
# needs: group
# assumes: People and programs sign in with their Entra identity; the server has no password.
# assumes: The public endpoint is closed; the server is reached through a private endpoint.
# asks: Which network reaches the database?
# output: sql_fqdn | azurerm_mssql_server.recipe_name_sql.fully_qualified_domain_name | Address of the server
resource "azurerm_mssql_server" "recipe_name_sql" {
  name                          = var.name
  location                      = azurerm_resource_group.recipe_name.location
  resource_group_name           = azurerm_resource_group.recipe_name.name
  version                       = "12.0"
  minimum_tls_version           = "1.2"
  public_network_access_enabled = false

  azuread_administrator {
    login_username              = var.admin_name
    object_id                   = var.admin_object_id
    azuread_authentication_only = true
  }
}

resource "azurerm_mssql_database" "recipe_name_sql" {
  name                        = "app"
  server_id                   = azurerm_mssql_server.recipe_name_sql.id
  sku_name                    = "GP_S_Gen5_1"
  min_capacity                = 0.5
  auto_pause_delay_in_minutes = 60

  lifecycle {
    prevent_destroy = true
  }
}
