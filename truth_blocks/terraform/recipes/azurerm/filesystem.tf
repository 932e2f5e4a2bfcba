# makes: a file share in a storage account of its own
# needs: group
# asks: Which machines mount the share?
# output: share_url | azurerm_storage_share.recipe_name.url | Address of the share
resource "azurerm_storage_account" "recipe_name_files" {
  name                            = substr(lower(replace("${var.name}files", "/[^0-9A-Za-z]/", "")), 0, 24)
  location                        = azurerm_resource_group.recipe_name.location
  resource_group_name             = azurerm_resource_group.recipe_name.name
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
}

resource "azurerm_storage_share" "recipe_name" {
  name               = var.name
  storage_account_id = azurerm_storage_account.recipe_name_files.id
  quota              = var.disk_gb
}
