# makes: a managed disk, encrypted by Azure and closed to the network
# needs: group
# asks: Which machine should use the disk?
# output: disk_id | azurerm_managed_disk.recipe_name.id | Id of the disk
resource "azurerm_managed_disk" "recipe_name" {
  name                          = var.name
  location                      = azurerm_resource_group.recipe_name.location
  resource_group_name           = azurerm_resource_group.recipe_name.name
  storage_account_type          = "StandardSSD_LRS"
  create_option                 = "Empty"
  disk_size_gb                  = var.disk_gb
  network_access_policy         = "DenyAll"
  public_network_access_enabled = false
}
