# makes: a private PostgreSQL server with automatic backups and one database, without passwords
# needs: group
# assumes: People and programs sign in with their Entra identity; the server has no password.
# assumes: The public endpoint is closed; the server is reached through a private endpoint.
# asks: Which network reaches the database?
# output: database_fqdn | azurerm_postgresql_flexible_server.recipe_name_database.fqdn | Address of the server
data "azurerm_client_config" "recipe_name_database" {
}

resource "azurerm_postgresql_flexible_server" "recipe_name_database" {
  name                          = var.name
  location                      = azurerm_resource_group.recipe_name.location
  resource_group_name           = azurerm_resource_group.recipe_name.name
  version                       = var.database_version
  sku_name                      = var.database_size
  storage_mb                    = 32768
  backup_retention_days         = var.backup_days
  public_network_access_enabled = false

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
    tenant_id                     = data.azurerm_client_config.recipe_name_database.tenant_id
  }
}

resource "azurerm_postgresql_flexible_server_active_directory_administrator" "recipe_name_database" {
  server_name         = azurerm_postgresql_flexible_server.recipe_name_database.name
  resource_group_name = azurerm_resource_group.recipe_name.name
  tenant_id           = data.azurerm_client_config.recipe_name_database.tenant_id
  object_id           = var.admin_object_id
  principal_name      = var.admin_name
  principal_type      = "Group"
}

resource "azurerm_postgresql_flexible_server_database" "recipe_name_database" {
  name      = "app"
  server_id = azurerm_postgresql_flexible_server.recipe_name_database.id
}
