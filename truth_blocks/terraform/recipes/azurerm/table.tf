# makes: a serverless document database (Cosmos DB) with one container, without keys
# needs: group
# assumes: Programs sign in with their Entra identity; the public endpoint is closed.
# asks: What is the partition key of an item?
# output: table_endpoint | azurerm_cosmosdb_account.recipe_name.endpoint | Address of the database
resource "azurerm_cosmosdb_account" "recipe_name" {
  name                          = var.name
  location                      = azurerm_resource_group.recipe_name.location
  resource_group_name           = azurerm_resource_group.recipe_name.name
  offer_type                    = "Standard"
  local_authentication_enabled  = false
  public_network_access_enabled = false

  capabilities {
    name = "EnableServerless"
  }

  consistency_policy {
    consistency_level = "Session"
  }

  geo_location {
    location          = azurerm_resource_group.recipe_name.location
    failover_priority = 0
  }
}

resource "azurerm_cosmosdb_sql_database" "recipe_name" {
  name                = "app"
  resource_group_name = azurerm_resource_group.recipe_name.name
  account_name        = azurerm_cosmosdb_account.recipe_name.name
}

resource "azurerm_cosmosdb_sql_container" "recipe_name" {
  name                = "items"
  resource_group_name = azurerm_resource_group.recipe_name.name
  account_name        = azurerm_cosmosdb_account.recipe_name.name
  database_name       = azurerm_cosmosdb_sql_database.recipe_name.name
  partition_key_paths = ["/${var.table_key}"]
}
