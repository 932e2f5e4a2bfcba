# makes: a MySQL server in a private subnet with automatic backups and one database
# needs: group
# assumes: The password comes from a variable and is never stored in the state.
# assumes: The subnet is delegated to MySQL servers, and the private DNS zone is linked to its network.
# asks: Which network reaches the database?
# output: mysql_fqdn | azurerm_mysql_flexible_server.recipe_name_mysql.fqdn | Address of the server
resource "azurerm_mysql_flexible_server" "recipe_name_mysql" {
  name                              = var.name
  location                          = azurerm_resource_group.recipe_name.location
  resource_group_name               = azurerm_resource_group.recipe_name.name
  version                           = "8.0.21"
  sku_name                          = var.database_size
  backup_retention_days             = var.backup_days
  delegated_subnet_id               = var.database_subnet_id
  private_dns_zone_id               = var.private_dns_zone_id
  administrator_login               = "dbadmin"
  administrator_password_wo         = var.database_password
  administrator_password_wo_version = 1
}

resource "azurerm_mysql_flexible_database" "recipe_name_mysql" {
  name                = "app"
  resource_group_name = azurerm_resource_group.recipe_name.name
  server_name         = azurerm_mysql_flexible_server.recipe_name_mysql.name
  charset             = "utf8mb4"
  collation           = "utf8mb4_unicode_ci"
}
