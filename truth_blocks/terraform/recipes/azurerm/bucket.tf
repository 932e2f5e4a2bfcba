# makes: a storage account with one private container; versions are kept and shared keys are off
# needs: group
# assumes: People and programs sign in with their Entra identity; no key opens the account.
# assumes: The account is reached over the public endpoint by those with a role; close it with a private endpoint.
# asks: Account names are unique in all of Azure: is the name still free?
# output: blob_endpoint | azurerm_storage_account.recipe_name.primary_blob_endpoint | Address of the storage account
resource "azurerm_storage_account" "recipe_name" {
  name                            = substr(lower(replace(var.name, "/[^0-9A-Za-z]/", "")), 0, 24)
  location                        = azurerm_resource_group.recipe_name.location
  resource_group_name             = azurerm_resource_group.recipe_name.name
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 7
    }
  }
}

resource "azurerm_storage_container" "recipe_name" {
  name                  = "data"
  storage_account_id    = azurerm_storage_account.recipe_name.id
  container_access_type = "private"
}
